package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/fivesociety/linkage/internal/play"
)

// queries are worth pasting first, each with the actor who asks it best.
var queries = []struct{ actor, document string }{
	{"coordinator", "viewer"}, {"coordinator", "board"}, {"partner", "open_needs"}, {"supervisor", "open_needs"}, {"resident", "resources"},
}

// invite tells how to go on by hand.
func (d *demo) invite(url string) {
	d.say("\n服务继续运行：%s/explorer（GraphQL 浏览器，可离线使用）；按 Ctrl+C 结束。", "\nStill serving: %s/explorer (a GraphQL explorer, works offline); Ctrl+C ends it.", url)
	d.say("看板：%s/console/（例如 coordinator / tangshan-coord-2026）", "The board: %s/console/ (for instance as coordinator / tangshan-coord-2026)", url)
	d.say("\n各角色的访问令牌（24 小时有效；也可以用 signIn 登录，密码见 internal/world/data/accounts.csv）：", "\nThe actors' access tokens (good for 24 hours; signIn works too, passwords in internal/world/data/accounts.csv):")
	names := make([]string, 0, len(d.tokens))
	for name := range d.tokens {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		_, _ = fmt.Fprintf(d.out, "  %-20s %s\n", name, d.tokens[name])
	}
	d.say("\n可以直接粘贴的查询（换一个令牌，看到的就不一样）：", "\nQueries to paste (with another token you see something else):")
	for _, q := range queries {
		_, _ = fmt.Fprintf(d.out, "\n%s# Authorization: Bearer <%s>\n", play.Document(q.document), q.actor)
	}
	body, err := json.Marshal(map[string]any{"query": play.Line("board")})
	if err == nil {
		d.say("\n或在命令行：", "\nOr on the command line:")
		_, _ = fmt.Fprintf(d.out, "  curl -s %s/graphql -H 'Content-Type: application/json' -H 'Authorization: Bearer %s' \\\n    -d '%s'\n", url, d.tokens["coordinator"], body)
	}
	d.say("\n实时看板（websocket，graphql-transport-ws，connection_init 里带 {\"authorization\": \"Bearer …\"}）：", "\nThe live board (websocket, graphql-transport-ws, connection_init with {\"authorization\": \"Bearer …\"}):")
	_, _ = fmt.Fprintf(d.out, "\n%s\n", play.Document("feed"))
}
