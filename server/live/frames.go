package live

import (
	"bytes"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

func pongFrame(payload json.RawMessage) []byte {
	if payload == nil {
		return []byte(`{"type":"pong"}`)
	}
	return bytes.Join([][]byte{[]byte(`{"payload":`), payload, []byte(`,"type":"pong"}`)}, nil)
}

func ackFrame(payload map[string]any) ([]byte, error) {
	return json.Marshal(struct {
		Type    string         `json:"type"`
		Payload map[string]any `json:"payload,omitempty"`
	}{"connection_ack", payload})
}

func completeFrame(id string) []byte {
	return append([]byte(`{"type":"complete"`), tail(id, "")...)
}

// tail is what follows a payload: the only part of a frame that differs between
// subscribers of the same thing. Kind is empty when the type stands in front.
func tail(id, kind string) []byte {
	quoted, _ := json.Marshal(id) // a string always marshals
	out := append([]byte(`,"id":`), quoted...)
	if kind != "" {
		out = append(append(out, `,"type":"`...), kind...)
		out = append(out, '"')
	}
	return append(out, '}')
}

// MaxErrors is how many reasons are told why nothing was executed: a document may be
// wrong in every word.
const MaxErrors = 8

func errorFrame(id string, errs gqlerror.List) ([]byte, error) {
	payload, err := json.Marshal(errs[:min(len(errs), MaxErrors)])
	if err != nil {
		return nil, err
	}
	return append(append([]byte(`{"payload":`), payload...), tail(id, "error")...), nil
}

// encoded is a result as JSON, with its event's cursor in the extensions unless it is empty.
func encoded(resp *graphql.Response, cursor string) ([]byte, error) {
	if cursor != "" {
		if resp.Extensions == nil {
			resp.Extensions = map[string]any{}
		}
		resp.Extensions["cursor"] = cursor
	}
	var b bytes.Buffer
	b.Grow(len(resp.Data) + len(cursor) + 96)
	err := WriteResult(&b, resp)
	return b.Bytes(), err
}

// WriteResult writes a result as JSON. It copies Data, which gqlgen uses again for the
// next event; Data is JSON that gqlgen wrote itself, so it is not parsed and compacted
// once more as json.Marshal would. A result without Data has errors only, and no entry
// of data, as the specification wants it of what was not executed.
func WriteResult(b *bytes.Buffer, resp *graphql.Response) error {
	b.WriteByte('{')
	if len(resp.Errors) > 0 {
		if err := member(b, "errors", resp.Errors); err != nil {
			return err
		}
	}
	if len(resp.Data) > 0 {
		comma(b)
		b.WriteString(`"data":`)
		b.Write(resp.Data)
	}
	if len(resp.Extensions) > 0 {
		comma(b)
		if err := member(b, "extensions", resp.Extensions); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

// comma parts a member from the one before it.
func comma(b *bytes.Buffer) {
	if last := b.Bytes(); last[len(last)-1] != '{' {
		b.WriteByte(',')
	}
}

func member(b *bytes.Buffer, name string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	b.WriteString(`"` + name + `":`)
	b.Write(raw)
	return nil
}
