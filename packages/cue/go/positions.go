package main

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

// place is where something is written. Line and Column start at 1; Column counts Unicode code points.
type place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type sources struct {
	text  map[string]string
	order map[string]int
	lines map[string][]int
}

func newSources(files [][2]string) *sources {
	s := &sources{map[string]string{}, map[string]int{}, map[string][]int{}}
	for i, f := range files {
		starts := []int{0}
		for at := 0; at < len(f[1]); at++ {
			if f[1][at] == '\n' {
				starts = append(starts, at+1)
			}
		}
		s.text[f[0]], s.order[f[0]], s.lines[f[0]] = f[1], i, starts
	}
	return s
}

// place turns CUE's byte column into code points; false for what is not in a given file (a built-in's own source).
func (s *sources) place(pos token.Pos) (place, bool) {
	if !pos.IsValid() {
		return place{}, false
	}
	p := pos.Position()
	text, known := s.text[p.Filename]
	starts := s.lines[p.Filename]
	if !known || p.Line < 1 || p.Line > len(starts) {
		return place{}, false
	}
	start := starts[p.Line-1]
	end := min(start+max(p.Column-1, 0), len(text))
	if p.Line == 1 {
		text = strings.TrimPrefix(text, "\ufeff")
		end = min(end, len(text))
		if len(text) < len(s.text[p.Filename]) {
			end = max(start, end-len("\ufeff"))
		}
	}
	return place{p.Filename, p.Line, utf8.RuneCountInString(text[start:end]) + 1}, true
}

// sorted lists every error in err, by place and without duplicates.
func sorted(err error) (all []errors.Error) {
	seen := map[string]bool{}
	list := errors.Errors(errors.Sanitize(errors.Promote(err, "")))
	for _, e := range list {
		if _, ok := e.(*missing); !ok {
			seen[strings.Join(e.Path(), "\x00")] = true
		}
	}
	for _, e := range list {
		if _, ok := e.(*missing); !ok || !seen[strings.Join(e.Path(), "\x00")] {
			all = append(all, e)
		}
	}
	return all
}

// locate gives a fault of v that CUE tells no place of (a structural cycle) that of the nearest value on its path.
func (s *sources) locate(v cue.Value, err error, faults []fault) {
	for i, e := range sorted(err) {
		if len(faults[i].Positions) > 0 {
			continue
		}
		at := v
		nearest, _ := s.written(v)
	path:
		for _, selector := range errors.Path(e) {
			for label, part := range parts(at) {
				if label == selector {
					at = part
					if value, _ := s.written(part); value != nil {
						nearest = value
					}
					continue path
				}
			}
			break
		}
		if nearest != nil {
			faults[i].Positions = []place{*nearest}
		}
	}
}

// faults says the same as sorted, as data.
func (s *sources) faults(code string, err error) (out []fault) {
	if err == nil {
		return nil
	}
	for _, e := range sorted(err) {
		f := fault{Code: code, Message: errors.StringWithConfig(e, &errors.Config{OmitPath: true}), Positions: []place{}}
		for _, selector := range errors.Path(e) {
			if strings.HasPrefix(selector, `"`) {
				if plain, err := literal.Unquote(selector); err == nil {
					selector = plain
				}
			}
			f.Path += "/" + escape(selector)
		}
		for _, pos := range errors.Positions(e) {
			if p, ok := s.place(pos); ok {
				f.Positions = append(f.Positions, p)
			}
		}
		out = append(out, f)
	}
	return out
}

// walk records the places of v and of everything in it. What has no place of its own (the output of a built-in
// function) gets that of what holds it.
func (s *sources) walk(v cue.Value, pointer string, holder place, res *result) {
	value, key := s.written(v)
	if value == nil {
		value = &holder
	}
	res.positions.add(pointer, *value)
	if key != nil {
		res.keys.add(pointer, *key)
	}
	v, _ = v.Default()
	switch v.Kind() {
	case cue.StructKind:
		for fields, err := v.Fields(); err == nil && fields.Next(); {
			s.walk(fields.Value(), pointer+"/"+escape(fields.Selector().Unquoted()), *value, res)
		}
	case cue.ListKind:
		list, err := v.List()
		for i := 0; err == nil && list.Next(); i++ {
			s.walk(list.Value(), pointer+"/"+strconv.Itoa(i), *value, res)
		}
	}
}

// written finds the conjunct that says what v is: one that is a value before one that merely constrains, then by
// the order of the files, then by place.
func (s *sources) written(v cue.Value) (value, key *place) {
	var best, bestKey [3]int
	better := func(rank [3]int, at *place, old [3]int, oldAt *place) bool {
		if oldAt == nil || rank != old {
			return oldAt == nil || rank[0] < old[0] || rank[0] == old[0] && (rank[1] < old[1] || rank[1] == old[1] && rank[2] < old[2])
		}
		return false
	}
	for c := range v.Core().V.LeafConjuncts() {
		node := c.Field().Source()
		if field, ok := node.(*ast.Field); ok {
			node = field.Value
			if at, ok := s.place(field.Label.Pos()); ok {
				rank := [3]int{strength(field.Value), s.order[at.File], field.Label.Pos().Offset()}
				if better(rank, &at, bestKey, key) {
					bestKey, key = rank, &at
				}
			}
		}
		if node == nil {
			continue
		}
		if at, ok := s.place(node.Pos()); ok {
			rank := [3]int{strength(node), s.order[at.File], node.Pos().Offset()}
			if better(rank, &at, best, value) {
				best, value = rank, &at
			}
		}
	}
	return value, key
}

var kinds = set(`_ bool bytes float int null number string rune uint uint8 int8 uint16 int16 uint32 int32
	uint64 int64 uint128 int128 float32 float64`)

// strength is 0 for an expression that gives a value, 1 for one that constrains it.
func strength(n ast.Node) int {
	switch x := n.(type) {
	case *ast.ParenExpr:
		return strength(x.X)
	case *ast.UnaryExpr:
		if x.Op != token.SUB && x.Op != token.ADD && x.Op != token.NOT {
			return 1
		}
	case *ast.BinaryExpr:
		if x.Op == token.OR {
			return 1
		}
		if x.Op == token.AND {
			return min(strength(x.X), strength(x.Y))
		}
	case *ast.Ident:
		if kinds[x.Name] {
			return 1
		}
		// A definition describes; a manifest's own reference to one is still found by the order of the files.
		if strings.HasPrefix(x.Name, "#") || strings.HasPrefix(x.Name, "_#") {
			return 1
		}
	}
	return 0
}

var escaper = strings.NewReplacer("~", "~0", "/", "~1")

// escape is RFC 6901, section 3.
func escape(name string) string {
	return escaper.Replace(name)
}

// table is a JSON object of places, in order, written as it is filled.
type table struct{ buf bytes.Buffer }

func (t *table) add(pointer string, p place) {
	if t.buf.Len() > 0 {
		t.buf.WriteByte(',')
	}
	writeString(&t.buf, pointer)
	t.buf.WriteString(`:{"file":`)
	writeString(&t.buf, p.File)
	t.buf.WriteString(`,"line":`)
	t.buf.WriteString(strconv.Itoa(p.Line))
	t.buf.WriteString(`,"column":`)
	t.buf.WriteString(strconv.Itoa(p.Column))
	t.buf.WriteByte('}')
}

// writeString is json.Marshal, with a short way for what needs no escape: most of a manifest.
func writeString(buf *bytes.Buffer, s string) {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f || s[i] == '"' || s[i] == '\\' {
			quoted, _ := json.Marshal(s)
			buf.Write(quoted)
			return
		}
	}
	buf.WriteByte('"')
	buf.WriteString(s)
	buf.WriteByte('"')
}
