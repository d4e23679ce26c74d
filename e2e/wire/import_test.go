package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/importjob"
)

// upload hands a table over, and answers with the job's id.
func (s *site) upload(t *testing.T, account, address, body string) (reply, string) {
	t.Helper()
	var header []string
	if account != "" {
		header = []string{"Authorization", "Bearer " + s.tokens[account]}
	}
	r := s.send(t, http.MethodPost, "/imports?"+address, strings.NewReader(body), header...)
	var id string
	if rest, ok := strings.CutPrefix(r.header.Get("Location"), "/imports/"); ok {
		id = strings.TrimSuffix(rest, "/problems")
	}
	return r, id
}

const progress = `subscription($id: ID!) { importProgress(id: $id) {
	state reason steps of made known problemCount problems { row column code message } } }`

// ended watches a job to its end.
func (s *site) ended(t *testing.T, account, id string) map[string]any {
	t.Helper()
	c, err := s.dial(t, s.tokens[account])
	must(t, err)
	sub, err := c.Subscribe(t.Context(), progress, map[string]any{"id": id}, "")
	must(t, err)
	var last map[string]any
	for {
		m, err := sub.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		var data struct {
			ImportProgress map[string]any `json:"importProgress"`
		}
		must(t, json.Unmarshal(m.Data, &data))
		last = data.ImportProgress
	}
	return last
}

func recipients(rows ...string) string {
	return "key,name,category,class,bornOn,phone,community\n" + strings.Join(rows, "\n") + "\n"
}

func anImportIsWatchedToItsEnd(t *testing.T, s *site) {
	var rows []string
	for i := range 900 { // more than two units of work
		rows = append(rows, fmt.Sprintf("r%d,测试%d,老年人,RESTRICTED,1941-03-15,138%08d,130203001010", i, i, i))
	}
	address := "file=" + url.QueryEscape("服务对象.csv") + "&table=recipients"
	r, id := s.upload(t, "coordinator", address, recipients(rows...))
	if r.status != http.StatusAccepted || id == "" {
		t.Fatalf("upload: %d %s", r.status, r.body)
	}
	if again, _ := s.upload(t, "coordinator", address, recipients(rows...)); again.first().code != "TOO_MANY" {
		t.Errorf("two at once: %d %s", again.status, again.body)
	}
	end := s.ended(t, "coordinator", id)
	if fmt.Sprint(end["state"], end["made"], end["known"], end["steps"], end["of"]) != fmt.Sprint("DONE", 900, 0, 1800, 1800) {
		t.Fatalf("the end: %v", end)
	}
	_, id = s.upload(t, "coordinator", address, recipients(rows...))
	if end := s.ended(t, "coordinator", id); fmt.Sprint(end["state"], end["made"], end["known"]) != fmt.Sprint("DONE", 0, 900) {
		t.Errorf("again: %v", end)
	}
	list := s.as(t, "coordinator", `{ importJobs { id state file } }`, nil)
	if n := len(list.at("importJobs").([]any)); n != 2 {
		t.Errorf("%d jobs: %s", n, list.body)
	}
	for _, other := range []string{"admin", "coordinator-wenhua"} {
		if r := s.as(t, other, `query($id: ID!) { importJob(id: $id) { id } }`, map[string]any{"id": id}); r.at("importJob") != nil || r.first().code != "" {
			t.Errorf("%s reads another's job: %s", other, r.body)
		}
	}
	cancel := s.mutate(t, "coordinator", "importCancel", "importJob { state }", map[string]any{"importJobId": id})
	if cancel.at("importCancel.importJob.state") != "DONE" {
		t.Errorf("cancel after the end: %s", cancel.body)
	}
	s.clock.Advance(8 * 24 * time.Hour)
	if n, err := s.Imports.Forget(t.Context(), access.System("timer")); n != 2 || err != nil {
		t.Errorf("forgotten: %d %v", n, err)
	}
}

func anImportDoesWhatItsStarterCouldType(t *testing.T, s *site) {
	table := func(name string) string { return "file=t.csv&table=" + url.QueryEscape(name) }
	for name, c := range map[string]struct {
		account, address, body string
		status                 int
		code                   string
	}{
		"nobody":        {"", table("recipients"), "x", 401, "UNAUTHENTICATED"},
		"unknown table": {"coordinator", table("nonsense"), "x", 404, "NOT_FOUND"},
		"no name":       {"coordinator", "table=recipients", "x", 400, "REQUIRED"},
		"no body":       {"coordinator", table("recipients"), "", 400, "REQUIRED"},
		"a flag":        {"coordinator", table("recipients") + "&checkOnly=maybe", "x", 400, "INVALID"},
		"too large":     {"coordinator", table("recipients"), strings.Repeat("x", importjob.MaxFile+1), 413, "TOO_LONG"},
	} {
		if r, _ := s.upload(t, c.account, c.address, c.body); r.status != c.status || r.first().code != c.code {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	wrong := map[string]struct{ account, table, body, code string }{
		"another station's area": {"coordinator-wenhua", "recipients", recipients("a,甲,老年人,RESTRICTED,1941-03-15,13800000091,130203001010"), "FORBIDDEN"},
		"a partner":              {"partner", "recipients", recipients("a,甲,老年人,RESTRICTED,1941-03-15,13800000091,130203001010"), "FORBIDDEN"},
		"accounts":               {"admin", "accounts", "标识,姓名\na,甲\n", "INVALID"},
		"an id of the platform":  {"coordinator", "recipients", recipients(s.id(t, "recipients", "liu") + ",刘示例,老年人,RESTRICTED,1941-03-15,13800000091,130203001010"), "INVALID"},
		"a bad row":              {"coordinator", "recipients", recipients("a,甲,老年人,RESTRICTED,1941-03-15,13800000091,130203001010", "b,乙,外星人,RESTRICTED,1941-03-15,,130203001010"), "CODE_UNKNOWN"},
	}
	for name, c := range wrong {
		_, id := s.upload(t, c.account, table(c.table), c.body)
		end := s.ended(t, c.account, id)
		problems, _ := end["problems"].([]any)
		if len(problems) != 1 || end["state"] != "REFUSED" || problems[0].(map[string]any)["code"] != c.code {
			t.Errorf("%s: %v", name, end)
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/imports/"+id+"/problems?format=csv", nil)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+s.tokens[c.account])
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		raw, err := io.ReadAll(resp.Body)
		must(t, err)
		must(t, resp.Body.Close())
		if resp.StatusCode != http.StatusOK || strings.Count(string(raw), "\n") != 2 || !strings.Contains(string(raw), c.code) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, raw)
		}
	}
	if r := s.as(t, "coordinator", `{ recipients(first: 1, filter: {search: "甲"}) { nodes { id } } }`, nil); len(r.at("recipients.nodes").([]any)) != 0 {
		t.Errorf("a refused import wrote: %s", r.body)
	}
}
