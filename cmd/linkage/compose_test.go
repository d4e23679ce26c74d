package main

import (
	"encoding/json"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// compose is what these tests know of docker-compose.yml; a key that is not
// here fails the decoding, so that nothing goes unchecked.
type compose struct {
	Name     string `yaml:"name"`
	Services map[string]struct {
		Build       string            `yaml:"build"`
		Image       string            `yaml:"image"`
		Command     []string          `yaml:"command"`
		Environment map[string]string `yaml:"environment"`
		Ports       []string          `yaml:"ports"`
		Volumes     []string          `yaml:"volumes"`
		DependsOn   map[string]struct {
			Condition string `yaml:"condition"`
		} `yaml:"depends_on"`
		Healthcheck struct {
			Test        []string `yaml:"test"`
			Interval    string   `yaml:"interval"`
			Timeout     string   `yaml:"timeout"`
			StartPeriod string   `yaml:"start_period"`
			Retries     int      `yaml:"retries"`
		} `yaml:"healthcheck"`
		Restart         string `yaml:"restart"`
		StopGracePeriod string `yaml:"stop_grace_period"`
	} `yaml:"services"`
	Volumes map[string]any `yaml:"volumes"`
}

func TestComposeFitsTheProgram(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.Join("..", "..", "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var c compose
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	platform, mongo := c.Services["linkage"], c.Services["mongo"]
	serve := subcommand(t, platform.Command)
	for name := range platform.Environment {
		if !slices.Contains(environment(serve), name) {
			t.Errorf("%s is no variable of %q: %q", name, serve.Name, environment(serve))
		}
	}
	if platform.DependsOn["mongo"].Condition != "service_healthy" {
		t.Error("the platform does not wait for a healthy mongo")
	}
	_, listens, err := net.SplitHostPort(platform.Environment["LINKAGE_ADDR"])
	if err != nil {
		t.Error("LINKAGE_ADDR:", err)
	}
	if want := "127.0.0.1:8080:" + listens; !slices.Equal(platform.Ports, []string{want}) {
		t.Errorf("ports are %q, want %q", platform.Ports, want)
	}
	store, err := url.Parse(platform.Environment["LINKAGE_STORE"])
	if err != nil {
		t.Fatal("LINKAGE_STORE:", err)
	}
	set := after(mongo.Command, "--replSet")
	if store.Scheme != "mongodb" || store.Host != "mongo:27017" || store.Path == "" || set == "" || store.Query().Get("replicaSet") != set {
		t.Errorf("the platform's store is %s; mongo is the set %q", store, set)
	}
	if mongo.Image != "mongo:8" || len(mongo.Ports) != 0 {
		t.Errorf("mongo is %s with the ports %q, want mongo:8 and none", mongo.Image, mongo.Ports)
	}
	health := strings.Join(mongo.Healthcheck.Test, " ")
	for _, want := range []string{"CMD mongosh ", "rs.initiate(", `_id: "` + set + `"`, `host: "mongo:27017"`, "isWritablePrimary"} {
		if !strings.Contains(health, want) {
			t.Errorf("mongo's health check lacks %q", want)
		}
	}
	if _, ok := c.Volumes["mongo"]; !ok || !slices.Contains(mongo.Volumes, "mongo:/data/db") {
		t.Error("mongo's data is on no volume")
	}
}

func TestTheImageFitsTheProgram(t *testing.T) {
	t.Parallel()
	lines := instructions(t)
	module, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(module)
	if version == nil {
		t.Fatal("go.mod names no Go version")
	}
	if want := []string{"golang:" + string(version[1]) + " AS build", "scratch"}; !slices.Equal(lines["FROM"], want) {
		t.Errorf("the stages are from %q, want %q", lines["FROM"], want)
	}
	if build := strings.Join(lines["RUN"], "\n"); !strings.Contains(build, "CGO_ENABLED=0 go build") || !strings.Contains(build, "-X main.release=") {
		t.Errorf("the build is not static or names no release: %s", build)
	}
	if users := lines["USER"]; len(users) != 1 || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(users[0]) {
		t.Errorf("the users are %q, want one number that is not root", users)
	}
	if entry := words(t, lines["ENTRYPOINT"][0]); !slices.Equal(entry, []string{"/linkage"}) {
		t.Errorf("the entry point is %q", entry)
	}
	serve := subcommand(t, words(t, lines["CMD"][0]))
	_, health, ok := strings.Cut(lines["HEALTHCHECK"][0], "CMD ")
	if check := words(t, health); !ok || check[0] != "/linkage" || subcommand(t, check[1:]).Name != "check" {
		t.Errorf("the health check is %q", lines["HEALTHCHECK"])
	}
	var listens string
	for pair := range strings.FieldsSeq(strings.Join(lines["ENV"], " ")) {
		name, value, _ := strings.Cut(pair, "=")
		if !slices.Contains(environment(serve), name) {
			t.Errorf("%s is no variable of %q: %q", name, serve.Name, environment(serve))
		}
		if name == "LINKAGE_ADDR" {
			_, listens, _ = net.SplitHostPort(value)
		}
		if path, ok := strings.CutPrefix(value, "sqlite:"); ok && !slices.Contains(words(t, lines["VOLUME"][0]), filepath.Dir(path)) {
			t.Errorf("%s is on no volume", path)
		}
	}
	if !slices.Equal(lines["EXPOSE"], []string{listens}) {
		t.Errorf("exposed is %q, but it listens on %q", lines["EXPOSE"], listens)
	}
	if serves, asks := standard(serve, "addr"), standard(subcommand(t, []string{"check"}), "addr"); serves != asks {
		t.Errorf("serve listens on %q by itself, check asks %q", serves, asks)
	}
}

// subcommand returns the program's subcommand that args begin with, and checks
// that the flags in args are its own.
func subcommand(t *testing.T, args []string) *kong.Node {
	t.Helper()
	parser, err := kong.New(&cli{}, settings()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, child := range parser.Model.Children {
		if len(args) == 0 || child.Name != args[0] {
			continue
		}
		for _, arg := range args[1:] {
			name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
			if strings.HasPrefix(arg, "-") && !slices.ContainsFunc(child.Flags, func(f *kong.Flag) bool { return f.Name == name }) {
				t.Errorf("%q has no flag %s", child.Name, arg)
			}
		}
		return child
	}
	t.Fatalf("%q is no subcommand of the program", args)
	return nil
}

// environment lists the variables that set command's flags.
func environment(command *kong.Node) []string {
	var names []string
	for _, flag := range command.Flags {
		names = append(names, flag.Envs...)
	}
	return names
}

// standard is the value of command's flag when nobody gives one.
func standard(command *kong.Node, name string) string {
	for _, flag := range command.Flags {
		if flag.Name == name {
			return flag.Default
		}
	}
	return ""
}

// instructions reads the Dockerfile: the arguments of each instruction, in
// order, long lines joined.
func instructions(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string][]string{}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		word, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && word != "#" {
			lines[word] = append(lines[word], strings.TrimSpace(rest))
		}
	}
	for _, word := range []string{"FROM", "RUN", "USER", "ENV", "EXPOSE", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"} {
		if len(lines[word]) == 0 {
			t.Fatalf("the Dockerfile has no %s", word)
		}
	}
	return lines
}

// words reads an instruction's JSON form; the other form needs a shell.
func words(t *testing.T, text string) []string {
	t.Helper()
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) == 0 {
		t.Fatalf("%s is not a list of words: %v", text, err)
	}
	return list
}

// after returns the word that follows flag, or "".
func after(args []string, flag string) string {
	if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}
