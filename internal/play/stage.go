package play

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/wsclient"
)

// patience is how long a live event may take before the play says that it is missing.
const patience = 5 * time.Second

// Config is what a play needs.
type Config struct {
	URL    string                       // of the server, http://127.0.0.1:8080
	Locale string                       // "zh" or "en": what is told, and what the server answers in
	Out    io.Writer                    // where it is told
	Tokens map[string]string            // actor → access token
	IDs    map[string]map[string]string // file of the world → key → id
	Now    func() time.Time
	Client *http.Client // default http.DefaultClient
}

// ErrDiffers is returned when something was not as it should be; all of it was told.
var ErrDiffers = errors.New("play: some steps differ from what they should be")

// stage is a play under way.
type stage struct {
	Config
	scene   int
	differs int
	board   *wsclient.Subscription // the coordinator's live board
	request string                 // id of the need that the play is about
	version int                    // of the request, as last seen
	lines   map[string]string      // kind → need line; and what belongs to the request
	stock   stock                  // of the meals, before the play took any
	run     string                 // tells this play's idempotency keys from another's
}

// stock is what was held and free of a resource.
type stock struct{ held, free int }

// key is an idempotency key of this play.
func (s *stage) key(name string) string { return "play-" + s.run + "-" + name }

// about names the play's request to a filter.
func (s *stage) about() map[string]any { return map[string]any{"serviceRequestId": s.request} }

func (s *stage) english() bool { return strings.HasPrefix(strings.ToLower(s.Locale), "en") }

func (s *stage) pick(zh, en string) string {
	if s.english() {
		return en
	}
	return zh
}

// enter begins a scene: who does what.
func (s *stage) enter(whoZh, whoEn, zh, en string) {
	s.scene++
	_, _ = fmt.Fprintf(s.Out, "\n%2d. 【%s】%s\n", s.scene, s.pick(whoZh, whoEn), s.pick(zh, en))
}

// say tells what an actor sees.
func (s *stage) say(zh, en string, args ...any) {
	_, _ = fmt.Fprintf(s.Out, "    · "+s.pick(zh, en)+"\n", args...)
}

// expect compares what is with what should be and tells which.
func (s *stage) expect(zh, en string, got, want any) {
	if fmt.Sprint(got) == fmt.Sprint(want) {
		_, _ = fmt.Fprintf(s.Out, "    ✓ %s%s%s\n", s.pick(zh, en), s.pick("：", ": "), s.word(got))
		return
	}
	s.differs++
	_, _ = fmt.Fprintf(s.Out, "    ✗ %s%s%s (%s %s)\n", s.pick(zh, en), s.pick("：", ": "), s.word(got), s.pick("应为", "should be"), s.word(want))
}

// must is the node at a path of an answer without errors; otherwise the play ends.
func (s *stage) must(ctx context.Context, actor, document, path string, variables map[string]any) (answer, error) {
	a, err := s.ask(ctx, actor, document, variables)
	if err != nil {
		return a, err
	}
	root, _, _ := strings.Cut(path, ".")
	if errs := a.list(root + ".errors"); len(errs) > 0 {
		return a, fmt.Errorf("%s as %s: %s %s", document, actor, errs[0].text("code"), errs[0].text("message"))
	}
	if a.null(path) {
		return a, fmt.Errorf("%s as %s: no %s", document, actor, path)
	}
	return a.at(path), nil
}

// input is the one variable of every mutation.
func input(fields map[string]any) map[string]any { return map[string]any{"input": fields} }

// ask sends a document over HTTP as an actor ("" for nobody) and answers with its data.
// A top-level error is an error that names its code.
func (s *stage) ask(ctx context.Context, actor, document string, variables map[string]any) (answer, error) {
	body, err := json.Marshal(map[string]any{"query": Document(document), "variables": variables})
	if err != nil {
		return answer{}, fmt.Errorf("encode %s: %w", document, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("ask %s: %w", document, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Language", s.pick("zh-CN", "en"))
	if actor != "" {
		req.Header.Set("Authorization", "Bearer "+s.Tokens[actor])
	}
	res, err := s.Client.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("ask %s as %s: %w", document, actor, err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, fmt.Errorf("ask %s as %s: %w", document, actor, err)
	}
	a, err := parse(raw)
	if err != nil {
		return a, fmt.Errorf("ask %s as %s (HTTP %d): %w", document, actor, res.StatusCode, err)
	}
	if errs := a.list("errors"); len(errs) > 0 {
		return a.at("data"), fmt.Errorf("%s as %s: %w", document, actor, &refusal{errs[0].text("extensions.code"), errs[0].text("message")})
	}
	return a.at("data"), nil
}

// refusal is an error at the top of an answer.
type refusal struct{ code, message string }

// Error is for people.
func (r *refusal) Error() string { return r.code + " " + r.message }

// refused is the first error code in a mutation's payload or at the top; "" for none.
func (s *stage) refused(ctx context.Context, actor, document, root string, variables map[string]any) string {
	a, err := s.ask(ctx, actor, document, variables)
	if code := a.text(root + ".errors.0.code"); code != "" {
		s.say("系统答复：%s", "The answer: %s", a.text(root+".errors.0.message"))
		return code
	}
	var no *refusal
	switch {
	case errors.As(err, &no):
		s.say("系统答复：%s", "The answer: %s", no.message)
		return no.code
	case err != nil:
		return err.Error()
	}
	return ""
}

// watch opens the coordinator's live board.
func (s *stage) watch(ctx context.Context) (close func(), err error) {
	url := "ws" + strings.TrimPrefix(s.URL, "http") + "/graphql"
	c, err := wsclient.Dial(ctx, url, s.Tokens["coordinator"], wsclient.Options{Locale: s.pick("zh-CN", "en")})
	if err != nil {
		return nil, fmt.Errorf("open the live board: %w", err)
	}
	s.board, err = c.Subscribe(ctx, Document("feed"), nil, "")
	if err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("subscribe to the live board: %w", err)
	}
	return func() { _ = c.Close() }, nil
}

// live waits until the board shows an event of a kind about the play's request, and
// answers with it.
func (s *stage) live(ctx context.Context, kind string) answer {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		m, err := s.board.Next(ctx)
		if err != nil {
			s.expect("实时看板收到 "+kind, "the live board shows "+kind, err, nil)
			return answer{}
		}
		a, err := parse(m.Data)
		if err != nil {
			s.expect("实时看板", "the live board", err, nil)
			return answer{}
		}
		e := a.at("requestFeed")
		if e.text("kind") == kind && e.text("serviceRequest.id") == s.request {
			return e
		}
	}
}

// moved keeps the version that an answer shows of the request.
func (s *stage) moved(a answer) { s.version = a.num("version") }
