package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/sheet"
)

// exportCmd writes tables that people read, and that import takes again. A whole
// store is another thing: see dump.
type exportCmd struct {
	Path   string   `arg:"" type:"path" help:"Folder to write the tables to, or one file: volunteers.xlsx, stations.csv …"`
	Tables []string `help:"Which tables; all by themselves."`
	Format string   `default:"xlsx" enum:"xlsx,csv" help:"xlsx or csv (UTF-8)."`
	Store  string   `default:"sqlite:linkage.db" placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME."`
	Locale string   `default:"zh" enum:"zh,en" help:"Language of headers and words: zh or en."`
}

// Run exports. It shows all that the store has of each row: whoever has the store has
// that anyway.
func (c *exportCmd) Run(ctx context.Context, out io.Writer) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	adapter, err := there(c.Store)
	if err != nil {
		return err
	}
	p, err := platform.Open(ctx, platform.Config{Adapter: adapter})
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	for _, f := range files {
		rows, left := 0, 0
		err := create(f.path, func(to io.Writer) (err error) {
			rows, left, err = intake.Export(ctx, to, f.format, f.table, c.Locale, p.Tables())
			return err
		})
		if err != nil {
			return err
		}
		if c.Locale == "en" {
			_, _ = fmt.Fprintf(out, "%s: %d rows, %d left out (ended, or under way)\n", f.path, rows, left)
		} else {
			_, _ = fmt.Fprintf(out, "%s：%d 行，未列出 %d（已终止或办理中）\n", f.path, rows, left)
		}
	}
	return nil
}

// tableFile is one file to write.
type tableFile struct {
	path, table string
	format      sheet.Format
}

// files are what to write: one if the path has the ending of one, else a folder's.
func (c *exportCmd) files() ([]tableFile, error) {
	if format := formatOf(c.Path); format != "" {
		name := strings.TrimSuffix(filepath.Base(c.Path), filepath.Ext(c.Path))
		if len(c.Tables) == 1 {
			name = c.Tables[0]
		}
		table, err := intake.Table(name)
		return []tableFile{{c.Path, table, format}}, err
	}
	tables := c.Tables
	if len(tables) == 0 {
		tables = intake.Tables()
	}
	if err := os.MkdirAll(c.Path, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	var out []tableFile
	for _, name := range tables {
		table, err := intake.Table(name)
		if err != nil {
			return nil, err
		}
		out = append(out, tableFile{filepath.Join(c.Path, table+"."+c.Format), table, sheet.Format(c.Format)})
	}
	return out, nil
}

func formatOf(path string) sheet.Format {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		return sheet.CSV
	case ".xlsx":
		return sheet.XLSX
	}
	return ""
}

// create writes a file for its owner's eyes only; a part of one does not stay.
func create(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("make a table: %w", err)
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		_ = os.Remove(path)
		return err
	}
	return nil
}

// formCmd writes an empty table to fill in.
type formCmd struct {
	Table string `arg:"" help:"Which table: volunteers, 志愿者 …"`
	Out   string `type:"path" placeholder:"FILE" help:"File to write, .xlsx or .csv; default TABLE.xlsx."`
	CSV   bool   `name:"csv" help:"Write CSV when no file is named."`
}

// Run writes the template.
func (c *formCmd) Run(_ context.Context, out io.Writer) error {
	table, err := intake.Table(c.Table)
	if err != nil {
		return err
	}
	path := c.Out
	if path == "" {
		path = table + ".xlsx"
		if c.CSV {
			path = table + ".csv"
		}
	}
	format := formatOf(path)
	if format == "" {
		return fmt.Errorf("write %s: want .xlsx or .csv", path)
	}
	if err := create(path, func(to io.Writer) error { return intake.Template(to, format, table) }); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, path)
	return err
}
