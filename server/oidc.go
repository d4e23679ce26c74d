package server

import (
	"log/slog"
	"net/http"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
)

// round walks browsers round identity providers. What it learns on the way goes to
// the app as a one-time code; no token of ours ever stands in a URL or a cookie.
type round struct {
	accounts *account.Service
	log      *slog.Logger
}

// The cookie of a way round. Over https the prefix binds it to this very host: no
// other host of the domain can plant one.
const (
	cookieName   = "linkage_signin"
	securePrefix = "__Host-"
)

func (o *round) start(w http.ResponseWriter, r *http.Request) {
	step, err := o.accounts.IssuerStart(r.Context(), r.PathValue("name"), r.URL.Query().Get("challenge"))
	o.send(w, r, step, err)
}

func (o *round) callback(w http.ResponseWriter, r *http.Request) {
	cookie := ""
	for _, name := range []string{securePrefix + cookieName, cookieName} {
		if c, err := r.Cookie(name); err == nil {
			cookie = c.Value
			break
		}
	}
	step, err := o.accounts.IssuerFinish(r.Context(), r.PathValue("name"), cookie, r.URL.Query())
	o.send(w, r, step, err)
}

// send sends the browser on. Causes are logged here, where they stop; they hold
// neither code nor subject.
func (o *round) send(w http.ResponseWriter, r *http.Request, step account.Step, err error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	if err != nil {
		o.log.WarnContext(r.Context(), "sign-in by an identity provider", "request", RequestID(r.Context()), "cause", err.Error())
	}
	if step.To == "" {
		refuse(r.Context(), w, http.StatusNotFound, fault.New(fault.CodeMethodOff))
		return
	}
	c := &http.Cookie{
		Name: cookieName, Value: step.Cookie, Path: "/", HttpOnly: true, Secure: step.Secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(account.RoundFor.Seconds()),
	}
	if step.Secure {
		c.Name = securePrefix + cookieName
	}
	if step.Cookie == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
	http.Redirect(w, r, step.To, http.StatusFound)
}
