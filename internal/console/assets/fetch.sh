#!/usr/bin/env bash
# Makes vendor/ again: GraphiQL and what it needs to run for the explorer, preact and
# htm for the board, from npm, unchanged but for two things: the fonts are left out
# (they are 250 kB of letters every system has, and without them the page needs no font
# source in its policy), and preact's hooks import their neighbour by its address, as a
# map of imports would have to stand in the page. Needs npm, node, perl.
#
#   ./fetch.sh           write vendor/
#   ./fetch.sh --check   make it elsewhere and compare with vendor/
#
# Each package is one exact version with the sha256 of its archive; SHA256SUMS in
# vendor/ holds those of the files before compression. licenses.txt has the notices
# of all packages that GraphiQL's source map names as bundled.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

packages=(
  "graphiql 3.8.3 1cadb1c2ca0dc51ea71fb4bb2680e6185e83fe400c9a62ca5fb9dfb922472bbd" # the last line with UMD builds and no Monaco
  "react 18.3.1 8d9bed01a672e7eaf387942d781ad47c6a43089a30a0306060f9fd5ac7870347"   # the last line with UMD builds
  "react-dom 18.3.1 031d4427a99f2f3f6cac18bbbf308594a67e4f47d10f4896fdec446505b040e0"
  "graphql-ws 6.4.2 14516ff4e3feaeded14bd2fcad590276656e8f3b3cc427bfd63e21fa04d4f53c"
  "preact 11.2.0 3c4456766bd32b6b534d52bf4e9c2a29b33e7eedf6e96ed479300ba1a7888ebf"
  "htm 3.1.1 2425b9bee11409177bcabc7f32e319926fc6690c1701c0b257c88bdff2d5ba90"
)

cd "$work"
specs=()
for p in "${packages[@]}"; do
  read -r name version sum <<<"$p"
  npm pack --silent "$name@$version" >/dev/null
  echo "$sum  $name-$version.tgz" | sha256sum --check --quiet
  mkdir "$name" && tar xzf "$name-$version.tgz" -C "$name" --strip-components=1
  specs+=("./$name-$version.tgz")
done

out=$work/vendor
mkdir "$out"
cp react/umd/react.production.min.js react-dom/umd/react-dom.production.min.js "$out"
cp graphiql/graphiql.min.js graphql-ws/umd/graphql-ws.min.js "$out"
cp preact/dist/preact.mjs "$out/preact.js"
cp htm/dist/htm.mjs "$out/htm.js"
perl -pe 's/from"preact"/from".\/preact.js"/' preact/hooks/dist/hooks.mjs >"$out/hooks.js"
perl -0pi -e 's/\n\/\/# sourceMappingURL=\S+\s*$/\n/' "$out"/{preact,hooks,htm}.js # the maps are not here
perl -0pe 's/\@font-face\s*\{[^}]*\}//g' graphiql/graphiql.min.css >"$out/graphiql.min.css"

# The notices: the dependencies are only laid out to read their licences.
mkdir tree && cd tree
npm init --yes >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund "${specs[@]/#.\//../}" graphql@16 @babel/runtime isarray @radix-ui/react-use-escape-keydown >/dev/null
node - ../graphiql/graphiql.min.js.map >"$out/licenses.txt" <<'JS'
const fs = require("fs");
const names = new Set(["graphiql", "react", "react-dom", "scheduler", "graphql-ws",
  "preact", "htm", "@graphiql/react", "@graphiql/toolkit", "graphql-language-service", "codemirror-graphql", "entities"]);
for (const source of JSON.parse(fs.readFileSync(process.argv[2])).sources) {
  const found = [...source.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].pop();
  if (found) names.add(found[1]);
  const radix = source.match(/packages\/(react|core)\/([^/]+)\/src/);
  if (radix) names.add("@radix-ui/" + (radix[1] === "react" ? "react-" : "") + radix[2]);
}
const texts = new Map(); // text → the packages under it
for (const name of [...names].sort()) {
  const dir = "node_modules/" + name;
  if (!fs.existsSync(dir)) { console.error("no licence read: " + name); continue; }
  const about = JSON.parse(fs.readFileSync(dir + "/package.json"));
  const file = fs.readdirSync(dir).find((f) => /^licen[cs]e/i.test(f));
  const author = typeof about.author === "string" ? about.author : about.author?.name ?? "its authors";
  const text = file ? fs.readFileSync(dir + "/" + file, "utf8").replace(/\r/g, "").trim()
    : `${about.license} licence, by ${author} (the package has no licence file)`;
  texts.set(text, [...(texts.get(text) ?? []), `${name} (${about.license})`]);
}
console.log("The explorer and the board contain these packages, each under the licence that follows it.");
for (const [text, users] of texts) console.log(`\n${"=".repeat(78)}\n${users.join("\n")}\n${"-".repeat(78)}\n${text}`);
JS

cd "$out"
sha256sum -- *.js *.css *.txt >SHA256SUMS
gzip -9n -- *.js *.css *.txt
if [ "${1:-}" = --check ]; then
  # gzip's own versions may write other bytes, and notices may gain a year: what runs is compared.
  grep -v licenses.txt SHA256SUMS | diff - <(grep -v licenses.txt "$here/vendor/SHA256SUMS")
  for f in *.js.gz *.css.gz; do cmp <(gzip -dc "$f") <(gzip -dc "$here/vendor/$f"); done
  echo "vendor/ is what npm has"
else
  rm -rf "$here/vendor" && cp -r "$out" "$here/vendor"
  ls -l "$here/vendor"
fi
