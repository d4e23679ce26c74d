package webhook

import (
	"net/netip"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
)

func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	public := (&Targets{}).prepare()
	for _, address := range []string{
		"127.0.0.1:443", "10.1.2.3:443", "172.16.0.1:443", "192.168.1.1:443", "169.254.169.254:443", "100.64.0.1:443", "0.1.2.3:443", "0.0.0.0:443",
		"224.0.0.1:443", "255.255.255.255:443", "192.0.2.1:443", "198.18.0.1:443", "[::1]:443", "[::]:443", "[fe80::1%eth0]:443", "[fd00::1]:443",
		"[ff02::1]:443", "[::ffff:127.0.0.1]:443", "[::ffff:10.0.0.1]:443", "[::127.0.0.1]:443", "[64:ff9b::a00:1]:443", "[64:ff9b:1::a00:1]:443", "[2002:a00:1::]:443",
		"[2001::1]:443", "[fec0::1]:443", "8.8.8.8:22", "8.8.8.8:80", "8.8.8.8:8080", "nonsense",
	} {
		if public.judge(address) == nil {
			t.Errorf("%s may be called", address)
		}
	}
	for _, address := range []string{"8.8.8.8:443", "[2606:4700::1111]:8443"} {
		if err := public.judge(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	listed := (&Targets{Allowed: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}, AllowHTTP: true}).prepare()
	for address, want := range map[string]bool{"10.20.3.4:9000": true, "[::ffff:10.20.3.4]:9000": true, "10.21.0.1:443": false, "8.8.8.8:80": true} {
		if got := listed.judge(address) == nil; got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	public := (&Targets{}).prepare()
	for _, bad := range []string{
		"", "hello", "ftp://a.example/", "http://a.example/", "https://u:p@a.example/", "https://a.example/#x", "https://a.example:22/", "https://127.0.0.1/", "https://[::1]/", "https://a.example:x/",
	} {
		if err := public.Check(bad, "url"); fault.CodeOf(err) != fault.CodeInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"https://a.example/hook?key=1", "https://a.example:8443/", "https://8.8.8.8/"} {
		if err := public.Check(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestPauses(t *testing.T) {
	t.Parallel()
	if wait(1, 0) >= waits[0] || wait(1, 0.99) <= waits[0] || wait(100, 0.5) != waits[len(waits)-1] {
		t.Error("pauses are not spread around their table")
	}
}
