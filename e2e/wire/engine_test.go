package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
	"github.com/fivesociety/linkage/internal/world"
	"github.com/fivesociety/linkage/server"
)

// scenes are tests that know no engine: each runs on both, on a world of its own.
var scenes = []struct {
	name string
	play func(*testing.T, *site)
}{
	{"what_is_no_request_is_refused_in_words", whatIsNoRequestIsRefusedInWords},
	{"methods_and_operations_do_not_mix", methodsAndOperationsDoNotMix},
	{"deep_and_wide_queries_are_too_complex", deepAndWideQueriesAreTooComplex},
	{"a_subscription_has_one_root", aSubscriptionHasOneRoot},
	{"the_schema_is_read_by_signed_in_only", theSchemaIsReadBySignedInOnly},
	{"ids_of_another_type", idsOfAnotherType},
	{"quantities_that_are_none", quantitiesThatAreNone},
	{"values_of_no_list", valuesOfNoList},
	{"a_citizen_number_in_free_text_is_masked_with_a_notice", aCitizenNumberInFreeTextIsMaskedWithANotice},
	{"a_key_is_one_call_of_one_actor", aKeyIsOneCallOfOneActor},
	{"repeats_at_once_are_one_call", repeatsAtOnceAreOneCall},
	{"pages_of_no_size", pagesOfNoSize},
	{"cursors_of_elsewhere", cursorsOfElsewhere},
	{"feed_cursors_of_elsewhere", feedCursorsOfElsewhere},
	{"a_cursor_too_old_gets_a_gap", aCursorTooOldGetsAGap},
	{"sign_in_never_tells_whether_an_account_exists", signInNeverTellsWhetherAnAccountExists},
	{"sign_in_is_rate_limited_by_name_whether_there_or_not", signInIsRateLimitedByNameWhetherThereOrNot},
	{"a_refresh_token_used_twice_ends_the_family", aRefreshTokenUsedTwiceEndsTheFamily},
	{"sign_out_closes_the_sessions_sockets", signOutClosesTheSessionsSockets},
	{"ending_a_session_closes_its_sockets_at_once", endingASessionClosesItsSocketsAtOnce},
	{"a_revoked_role_closes_its_sockets_in_sequence", aRevokedRoleClosesItsSocketsInSequence},
	{"forged_tokens_are_refused", forgedTokensAreRefused},
	{"an_expired_token_says_so", anExpiredTokenSaysSo},
	{"a_socket_that_renews_outlives_its_token", aSocketThatRenewsOutlivesItsToken},
	{"an_import_is_watched_to_its_end", anImportIsWatchedToItsEnd},
	{"an_import_does_what_its_starter_could_type", anImportDoesWhatItsStarterCouldType},
	{"a_stream_of_events_follows_the_feed", aStreamOfEventsFollowsTheFeed},
	{"a_stream_of_events_ends_with_the_right_to_it", aStreamOfEventsEndsWithTheRightToIt},
	{"operations_share_a_stream", operationsShareAStream},
	{"metrics_tell_what_happens_and_not_who", metricsTellWhatHappensAndNotWho},
	{"a_closed_store_tells_nothing_of_its_engine", aClosedStoreTellsNothingOfItsEngine},
}

func TestOnEitherStore(t *testing.T) {
	t.Parallel()
	onMongo := on(mongotest.NewPool(t))
	for name, open := range map[string]func(*testing.T) *site{"sqlite": onSQLite, "mongo": onMongo} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, scene := range scenes {
				t.Run(scene.name, func(t *testing.T) {
					t.Parallel()
					scene.play(t, open(t))
				})
			}
		})
	}
}

// made is a closed store with the demonstration world, made once: its file, a dump of
// it, and the ids in it.
type made struct {
	file, dump []byte
	ids        map[string]map[string]string
}

var template = sync.OnceValue(func() made {
	folder, err := os.MkdirTemp("", "wire-")
	if err != nil {
		panic(err) // no test can do without
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path, dump := filepath.Join(folder, "template.db"), bytes.Buffer{}
	ids, err := build(path)
	if err == nil {
		_, err = platform.Dump(context.Background(), sqlite.New(sqlite.Config{Path: path}), &dump)
	}
	if err != nil {
		panic(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return made{file, dump.Bytes(), ids}
})

// build imports the demonstration world into a new store.
func build(path string) (map[string]map[string]string, error) {
	p, err := platform.Open(context.Background(), platform.Config{Adapter: sqlite.New(sqlite.Config{Path: path}), Accounts: cheap, Seeded: testkit.Few})
	if err != nil {
		return nil, err
	}
	report, err := intake.ImportFolder(context.Background(), world.Files(), p.Tables(), nil)
	if err := errors.Join(err, p.Close()); err != nil {
		return nil, err
	}
	return report.IDs, nil
}

// cheap makes passwords quick to check.
var cheap = account.Config{Hash: argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}}

// onSQLite serves a copy of the world until the test ends.
func onSQLite(t *testing.T) *site { return signingIn(t, nil) }

// signingIn is onSQLite with another configuration of how one signs in.
func signingIn(t *testing.T, how func(*account.Config)) *site {
	t.Helper()
	s := &site{path: filepath.Join(t.TempDir(), "wire.db"), ids: template().ids, signIn: how}
	must(t, os.WriteFile(s.path, template().file, 0o600))
	s.serve(t, sqlite.New(sqlite.Config{Path: s.path}))
	return s
}

// on does the same on MongoDB, on a database of the pool: the ids are those of the template.
func on(pool *mongotest.Pool) func(t *testing.T) *site {
	return func(t *testing.T) *site {
		t.Helper()
		s, uri := &site{ids: template().ids}, pool.URI(t)
		_, err := platform.Restore(t.Context(), mongo.New(mongo.Config{URI: uri}), bytes.NewReader(template().dump))
		must(t, err)
		s.serve(t, mongo.New(mongo.Config{URI: uri}))
		return s
	}
}

// another serves a world of its own, with other ids, keys and cursors.
func another(t *testing.T) *site {
	t.Helper()
	s := &site{path: filepath.Join(t.TempDir(), "another.db")}
	var err error
	s.ids, err = build(s.path)
	must(t, err)
	s.serve(t, sqlite.New(sqlite.Config{Path: s.path}))
	return s
}

// resumable is how many log entries back a feed can be resumed in these tests.
const resumable = 5

// serve opens the store, signs all accounts in and serves.
func (s *site) serve(t *testing.T, adapter store.Adapter) {
	t.Helper()
	s.log, s.clock, s.tokens = &lockedBuffer{}, clock.NewManual(time.Now()), map[string]string{}
	accounts := cheap
	if s.signIn != nil {
		s.signIn(&accounts)
	}
	var err error
	metrics := server.NewMetrics()
	s.Platform, err = platform.Open(t.Context(), platform.Config{Adapter: metrics.Adapter(adapter), Now: s.clock.Now, Accounts: accounts, Seeded: testkit.Few})
	must(t, err)
	for name := range s.ids["accounts"] {
		s.tokens[name] = s.fresh(t, name)
	}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	srv, err := server.New(t.Context(), s.Platform, server.Config{
		Addr: "127.0.0.1:0", Log: log, Version: "test", Clock: s.clock, ResumeWindow: resumable,
		Admin: "127.0.0.1:0", Metrics: metrics,
	})
	must(t, err)
	s.url, s.admin = srv.URL(), srv.AdminURL()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		must(t, <-served)
		must(t, s.Close())
	})
}

// stored counts a text in all that is stored, as somebody finds it who steals it.
func (s *site) stored(t *testing.T, what string) (n int) {
	t.Helper()
	if s.path == "" { // the server's files hold other tests' data as well
		var dump bytes.Buffer
		_, err := s.Core.DB.Dump(t.Context(), &dump)
		must(t, err)
		zip, err := gzip.NewReader(&dump)
		must(t, err)
		raw, err := io.ReadAll(zip)
		must(t, err)
		return bytes.Count(raw, []byte(what))
	}
	files, err := filepath.Glob(s.path + "*")
	must(t, err)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		must(t, err)
		n += bytes.Count(raw, []byte(what))
	}
	return n
}
