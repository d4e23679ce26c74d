package account

import (
	"context"
	"net/netip"
	"strings"
)

type deviceKey struct{}

// WithDevice puts into ctx what the client says it is, a User-Agent header. Only a
// label made of it is ever kept in the store, and no more of it in memory than that looks at.
func WithDevice(ctx context.Context, userAgent string) context.Context {
	if len(userAgent) > agentMax {
		userAgent = strings.Clone(userAgent[:agentMax])
	}
	return context.WithValue(ctx, deviceKey{}, userAgent)
}

const agentMax = 1024

// DeviceOf is what the client says it is, "" when it says nothing.
func DeviceOf(ctx context.Context) string {
	agent, _ := ctx.Value(deviceKey{}).(string)
	return agent
}

func clientOf(ctx context.Context) client {
	return client{Device: label(DeviceOf(ctx)), Network: coarse(AddressOf(ctx))}
}

// coarse is the /24 or /48 that an address or prefix lies in, "" for what is none.
func coarse(address string) string {
	host, _, _ := strings.Cut(address, "/")
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	bits := 48
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		bits = 24
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// named are the words of a User-Agent that people know their devices by. The first
// that fits is taken: most browsers also claim to be the older ones.
type named struct{ word, name string }

var (
	programs = []named{
		{"MicroMessenger", "微信 WeChat"},
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"Firefox", "Firefox"},
		{"HuaweiBrowser", "Huawei"},
		{"MiuiBrowser", "MIUI"},
		{"Chrome", "Chrome"},
		{"Safari", "Safari"},
		{"linkage", "linkage"},
	}
	systems = []named{
		{"HarmonyOS", "HarmonyOS"},
		{"OpenHarmony", "HarmonyOS"},
		{"Android", "Android"},
		{"iPhone", "iOS"},
		{"iPad", "iPadOS"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"Linux", "Linux"},
	}
)

// label is what a person recognises a device by, such as "Firefox · Linux"; "" when
// nothing is recognised. Versions and models are left out: they would single
// somebody out.
func label(agent string) string {
	if len(agent) > agentMax {
		agent = agent[:agentMax]
	}
	var parts []string
	for _, list := range [][]named{programs, systems} {
		for _, n := range list {
			if strings.Contains(agent, n.word) {
				parts = append(parts, n.name)
				break
			}
		}
	}
	return strings.Join(parts, " · ")
}
