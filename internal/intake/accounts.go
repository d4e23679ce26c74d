package intake

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

var roleWords = []word{
	{string(access.Admin), []string{"管理员"}},
	{string(access.Resident), []string{"居民", "服务对象"}},
	{string(access.Guardian), []string{"监护人"}},
	{string(access.Volunteer), []string{"志愿者"}},
	{string(access.SocialWorker), []string{"社工", "社会工作者"}},
	{string(access.Coordinator), []string{"协调员"}},
	{string(access.ProtectionOfficer), []string{"保护专员"}},
	{string(access.Partner), []string{"合作方"}},
	{string(access.Supervisor), []string{"监管员", "督导"}},
	{string(access.Auditor), []string{"审计员"}},
}

// scopes is of which file the object of a role is; "div" is a division's code.
var scopes = map[access.Role]string{
	access.Admin: "div", access.Supervisor: "div", access.Auditor: "div", access.Coordinator: "sta", access.ProtectionOfficer: "sta",
	access.Resident: "rcp", access.Guardian: "rcp", access.Volunteer: "vol", access.SocialWorker: "wrk", access.Partner: "org",
}

// accounts are sign-ins; the key is the sign-in name. Roles are written
// COORDINATOR:key of the station; several are parted by semicolons. An account
// without a password gets one, which the report tells once.
func accounts() table {
	return table{
		name: "accounts", zh: "账号", rests: []string{"sta", "rcp", "vol", "wrk", "org"},
		out: accountsOut(), once: []string{"password"}, natural: true,
		columns: columns(need("displayName", "显示名称", "姓名"), is(may("password", "密码", "初始密码"), "留空则自动生成，只显示一次", "made and told once when left empty"), is(may("roles", "角色"), "角色:标识，如 协调员:站点标识；多个用分号", "ROLE:key, as COORDINATOR:key of the station; several parted by ;")),
		make: func(c *cells) act {
			if c.Text(keyColumn) == "" {
				c.wrong(keyColumn, fault.CodeRequired, "此项必填。", "This is required.")
			}
			in := account.Create{Name: c.Text(keyColumn), DisplayName: c.Text("displayName"), Password: c.Text("password")}
			if in.Password == "" {
				in.Password = newPassword()
				c.credential = &Credential{Name: in.Name, Password: in.Password}
			}
			grants := c.grants("roles")
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Accounts.Create(ctx, r.actor, in)
				if err != nil {
					return "", nil, err
				}
				for _, g := range grants {
					g.AccountID = v.ID
					if _, _, err := r.Accounts.RoleGrant(ctx, r.actor, g); err != nil {
						return "", nil, err
					}
				}
				return v.ID, notices, nil
			}
		},
	}
}

// grants reads ROLE:scope; ROLE:scope …
func (c *cells) grants(column string) []account.RoleGrant {
	var out []account.RoleGrant
	for _, part := range parts(c.Text(column)) {
		name, scope, found := strings.Cut(strings.ReplaceAll(part, "：", ":"), ":")
		role := access.Role("")
		for _, w := range roleWords {
			for _, s := range append([]string{w.value}, w.also...) {
				if strings.EqualFold(s, strings.TrimSpace(name)) {
					role = access.Role(w.value)
				}
			}
		}
		if role == "" || !found {
			c.wrong(column, fault.CodeInvalid, "角色应写作“COORDINATOR:站点标识”或“协调员:站点标识”。", "A role is written COORDINATOR:key of the station.")
			continue
		}
		g := account.RoleGrant{Role: role}
		if scopes[role] == "div" {
			g.ScopeID = c.place(column, scope)
		} else {
			g.ScopeID = c.refer(column, scopes[role], scope)
		}
		out = append(out, g)
	}
	return out
}

// newPassword is 100 random bits in letters and digits that are hard to confuse.
func newPassword() string {
	var b [13]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // crypto/rand never fails on a supported system
	}
	s := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
	return s[:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:20]
}
