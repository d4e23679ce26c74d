package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/importjob"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/sheet"
)

// uploadWithin is how long a table may take to come.
const uploadWithin = 5 * time.Minute

// tables are the ways in and out for files, which GraphQL has no form for: a table to
// import, what is wrong in it, and empty tables with their rules.
type tables struct{ imports *importjob.Service }

// upload begins an import of the body, `POST /imports?file=志愿者.xlsx&table=volunteers&checkOnly=true`,
// and answers 202 with its id as JSON: {"importJob": {"id": "imp_…"}}.
func (t *tables) upload(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	a, err := account.ActorFrom(ctx)
	if err == nil {
		err = t.imports.May(a)
	}
	if err != nil {
		fail(w, r, err)
		return
	}
	checkOnly := false
	if given := r.URL.Query().Get("checkOnly"); given != "" {
		if checkOnly, err = strconv.ParseBool(given); err != nil {
			fail(w, r, fault.New(fault.CodeInvalid, fault.At("checkOnly"), fault.P("rule", "TRUE_OR_FALSE")))
			return
		}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadWithin)) // without one the server's own stays
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, importjob.MaxFile))
	if big := (*http.MaxBytesError)(nil); errors.As(err, &big) {
		refuse(ctx, w, http.StatusRequestEntityTooLarge, fault.New(fault.CodeTooLong, fault.At("body"), fault.P("max", importjob.MaxFile)))
		return
	}
	if err != nil {
		fail(w, r, fault.New(fault.CodeInvalid, fault.P("rule", "WHOLE_BODY")))
		return
	}
	v, err := t.imports.Start(ctx, a, importjob.Start{File: r.URL.Query().Get("file"), Table: r.URL.Query().Get("table"), CheckOnly: checkOnly, Data: data})
	if err != nil {
		fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", typeJSON+"; charset=utf-8")
	w.Header().Set("Location", "/imports/"+v.ID+"/problems")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]any{"importJob": map[string]string{"id": v.ID}}) // a client that is gone is nobody's error
}

// problems answers what is wrong in a table as a table: `GET /imports/{id}/problems?format=csv`,
// XLSX without a format.
func (t *tables) problems(w http.ResponseWriter, r *http.Request) {
	a, err := account.ActorFrom(r.Context())
	if err != nil {
		fail(w, r, err)
		return
	}
	t.file(w, r, "problems", func(to io.Writer, format sheet.Format) error {
		return t.imports.Problems(r.Context(), a, r.PathValue("id"), to, format)
	})
}

// template answers an empty table with its rules: `GET /templates/{table}?format=csv`.
func (t *tables) template(w http.ResponseWriter, r *http.Request) {
	t.file(w, r, "template", func(to io.Writer, format sheet.Format) error {
		return intake.Template(to, format, r.PathValue("table"))
	})
}

// file answers a small table as a download.
func (t *tables) file(w http.ResponseWriter, r *http.Request, name string, write func(io.Writer, sheet.Format) error) {
	kinds := map[sheet.Format]string{
		sheet.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet.CSV: "text/csv; charset=utf-8",
	}
	format := sheet.Format(r.URL.Query().Get("format"))
	if format == "" {
		format = sheet.XLSX
	}
	if kinds[format] == "" {
		fail(w, r, fault.New(fault.CodeInvalid, fault.At("format"), fault.P("rule", "XLSX_OR_CSV")))
		return
	}
	var body bytes.Buffer
	if err := write(&body, format); err != nil {
		fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", kinds[format])
	h.Set("Content-Disposition", `attachment; filename="`+name+"."+string(format)+`"`)
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Language", codes.Locale(r.Context()))
	_, _ = w.Write(body.Bytes()) // a client that is gone is nobody's error
}

// statuses are the HTTP statuses of what stands in the way.
var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusBadRequest, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Forbidden: http.StatusForbidden, fault.Unauthenticated: http.StatusUnauthorized, fault.Limit: http.StatusTooManyRequests,
	fault.Unavailable: http.StatusServiceUnavailable, fault.Internal: http.StatusInternalServerError,
}

// fail answers an error in the form of the API's.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	f, ok := fault.As(err)
	if !ok {
		f = fault.New(fault.CodeInternal)
	}
	refuse(r.Context(), w, statuses[f.Kind()], f)
}
