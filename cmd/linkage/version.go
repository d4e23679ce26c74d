package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// release is set by the linker when a release is built: -X main.release=v1.2.3.
var release = ""

type versionCmd struct{}

// Run prints one line: the release or the revision, the compiler, the platform.
func (versionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintf(out, "linkage %s (%s %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// version is the release; of a build that is none, the module's version or the
// revision it was made from; "dev" when nothing is known.
func version() string {
	info, ok := debug.ReadBuildInfo()
	switch {
	case release != "":
		return release
	case ok && info.Main.Version != "" && info.Main.Version != "(devel)":
		return info.Main.Version
	case ok:
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value[:min(12, len(setting.Value))]
			}
		}
	}
	return "dev"
}
