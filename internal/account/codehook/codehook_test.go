package codehook_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/account/codehook"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
)

var message = account.Message{Phone: "+8613800138000", Code: "042137", Valid: 5 * time.Minute, Locale: "zh"}

func TestAMessageIsPostedOnceWithTheToken(t *testing.T) {
	t.Parallel()
	var got map[string]any
	posts, status := 0, http.StatusAccepted
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		posts++
		if r.Header.Get("Authorization") != "Bearer t0ken" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v", r.Method, r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Location", "https://elsewhere.example/")
		w.WriteHeader(status)
	}))
	defer gateway.Close()
	s, err := codehook.New(gateway.URL+"/send?key=hidden", "t0ken", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if got["phone"] != "+8613800138000" || got["code"] != "042137" || got["validSeconds"] != 300.0 || got["locale"] != "zh" || len(got) != 4 {
		t.Fatalf("posted %v", got)
	}
	for _, status = range []int{http.StatusFound, http.StatusBadRequest, http.StatusInternalServerError} {
		quiet(t, s.Send(t.Context(), message))
	}
	if posts != 4 {
		t.Fatalf("%d posts: each message goes once", posts)
	}
	gateway.Close()
	quiet(t, s.Send(t.Context(), message))
}

// quiet wants an error that names neither the person nor the address.
func quiet(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, s := range []string{"13800138000", "042137", "hidden", "t0ken"} {
		if strings.Contains(err.Error(), s) {
			t.Errorf("the error says %q: %v", s, err)
		}
	}
}

func TestProductionWantsHTTPSAndAToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url, token string
		production bool
		good       bool
	}{
		{"https://sms.example/send", "x", true, true},
		{"http://127.0.0.1:9/send", "", false, true},
		{"http://sms.example/send", "x", true, false},
		{"https://sms.example/send", "", true, false},
		{"https://user:pass@sms.example/", "x", true, false},
		{"ftp://sms.example/", "x", false, false},
		{"nonsense", "x", false, false},
	} {
		_, err := codehook.New(c.url, c.token, c.production)
		if c.good && err != nil {
			t.Errorf("%s: %v", c.url, err)
		}
		if !c.good {
			testkit.WantCode(t, err, fault.CodeConfiguration)
		}
	}
}
