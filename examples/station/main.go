// Command station shows a station's own software at the platform: a typed client that
// genqlient makes of the schema, and around it what every client needs: tokens that are
// renewed, pages read to the last, errors that somebody can mend, and a feed that is
// resumed where its connection broke.
//
//	STATION_PASSWORD=… station -name coordinator list
//	STATION_PASSWORD=… station -name coordinator submit com_130203001010 合唱队排练场地
//	STATION_PASSWORD=… station -name coordinator follow
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/fivesociety/linkage/examples/station/api"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := flag.String("server", "http://localhost:8080/graphql", "where the platform is")
	name := flag.String("name", "coordinator", "who signs in; the password is read from STATION_PASSWORD")
	flag.Parse()
	if err := run(ctx, *server, *name, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "station:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, server, name string, args []string) error {
	d, err := SignIn(ctx, server, name, os.Getenv("STATION_PASSWORD"))
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "list":
		_, err = d.Open(ctx, 50, show)
		return err
	case len(args) == 3 && args[0] == "submit":
		r, err := d.Submit(ctx, args[1], "GROUP_ACTIVITY_VENUE", args[2])
		if err == nil {
			show(r)
		}
		return err
	case len(args) == 1 && args[0] == "follow":
		after, err := d.Open(ctx, 50, show) // first the list, then what happens behind it
		if err != nil {
			return err
		}
		return d.Follow(ctx, after, tell)
	}
	return fmt.Errorf("list, submit COMMUNITY TITLE or follow, not %q", args)
}

func show(r *api.Card) {
	title := "(not for you)" // hidden, where a mask hides it
	if r.Title != nil {
		title = *r.Title
	}
	fmt.Println(r.Number, r.State, title)
}

// tell shows an event; of a kind that it does not know it says nothing.
func tell(e Event) error {
	switch e := e.(type) {
	case *api.FeedRequestFeedRequestEntered:
		show(&e.ServiceRequest)
	case *api.FeedRequestFeedRequestChanged:
		show(&e.ServiceRequest)
	case *api.FeedRequestFeedRequestLeft:
		fmt.Println(e.ServiceRequestId, "is no longer to be seen")
	case *api.FeedRequestFeedFeedGap:
		return fmt.Errorf("too much has happened since: read the list again")
	}
	return nil
}
