package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/sheet"
)

// importCmd takes people's tables into a store: all of them or nothing. A whole store
// is another thing: see restore.
type importCmd struct {
	Path   string `arg:"" type:"path" help:"Folder with organisations.xlsx, stations.csv, 志愿者.xlsx …, or one such file (CSV or XLSX, Chinese or English headers)."`
	Table  string `help:"Which table the file is, if its name does not say: volunteers, 志愿者 …"`
	Store  string `default:"sqlite:linkage.db" placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME."`
	Check  bool   `help:"Only check; write nothing."`
	Errors string `type:"path" placeholder:"FILE" help:"Write what is wrong as a table (.xlsx or .csv), a row each."`
	Locale string `default:"zh" enum:"zh,en" help:"Language of what is told: zh or en."`
}

// Run imports and tells what became of each file. An error lists every bad row.
func (c *importCmd) Run(ctx context.Context, out io.Writer) error {
	adapter, err := platform.Adapter(c.Store)
	if err != nil {
		return err
	}
	p, err := platform.Open(ctx, platform.Config{Adapter: adapter})
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	inputs, err := c.inputs()
	if err != nil {
		return err
	}
	progress := bar(os.Stderr)
	if c.Check {
		err = intake.Check(ctx, inputs, p.Tables(), progress)
		if err == nil {
			_, _ = fmt.Fprintln(out, c.pick("检查通过，没有写入。", "Everything is in order; nothing was written."))
		}
		return c.told(err)
	}
	report, err := intake.Import(ctx, inputs, p.Tables(), progress)
	if report != nil {
		c.tell(out, report)
	}
	return c.told(err)
}

func (c *importCmd) inputs() ([]intake.Input, error) {
	info, err := os.Stat(c.Path)
	if err != nil {
		return nil, fmt.Errorf("read the tables: %w", err)
	}
	if info.IsDir() {
		return intake.Folder(os.DirFS(c.Path))
	}
	data, err := os.ReadFile(c.Path)
	if err != nil {
		return nil, fmt.Errorf("read the table: %w", err)
	}
	return []intake.Input{{Name: filepath.Base(c.Path), Table: c.Table, Data: data}}, nil
}

func (c *importCmd) pick(zh, en string) string {
	if c.Locale == "en" {
		return en
	}
	return zh
}

// told puts the list of bad rows into the asked language.
func (c *importCmd) told(err error) error {
	var invalid *intake.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	if c.Errors != "" {
		format := formatOf(c.Errors)
		if format == "" {
			format = sheet.CSV
		}
		if err := create(c.Errors, func(to io.Writer) error { return invalid.Write(to, format, c.Locale) }); err != nil {
			return err
		}
	}
	return errors.New(invalid.Message(c.Locale))
}

func (c *importCmd) tell(out io.Writer, r *intake.Report) {
	for _, f := range r.Files {
		_, _ = fmt.Fprintf(out, c.pick("%s：新增 %d，以前已导入 %d\n", "%s: %d new, %d imported before\n"), f.File, f.Made, f.Known)
	}
	for _, remark := range r.Remarks {
		_, _ = fmt.Fprintln(out, c.pick("请留意 ", "Note: ")+remark.Message(c.Locale))
	}
	if len(r.Accounts) > 0 {
		_, _ = fmt.Fprintln(out, c.pick("新账号的初始密码（只显示这一次）：", "First passwords of new accounts (shown only this once):"))
	}
	for _, a := range r.Accounts {
		_, _ = fmt.Fprintf(out, "  %s  %s\n", a.Name, a.Password)
	}
}

// bar shows progress on a terminal and nothing elsewhere.
func bar(to *os.File) func(done, total int) {
	info, err := to.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	var b *progressbar.ProgressBar
	return func(done, total int) {
		if b == nil {
			b = progressbar.NewOptions(total, progressbar.OptionSetWriter(to), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(65*time.Millisecond))
		}
		_ = b.Set(done) // a bar that cannot be drawn is no reason to stop
	}
}
