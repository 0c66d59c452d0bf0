// Command cue evaluates CUE files given on standard input and answers on standard output, once.
//
// It is built for wasip1 and run by ../src/worker.mjs with a clock and nothing else: no argument, no file system, no
// network. Input is a request: the first file is the manifest, the others are unified with it, and so is the
// definition, a path in them, where one is named. Output: see result and failure.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
)

type request struct {
	Files          [][2]string `json:"files"`
	Definition     string      `json:"definition"`
	MaxOutputBytes int         `json:"maxOutputBytes"`
}

// result holds, by JSON pointer, where each value is written and where its label is.
type result struct {
	json            string
	positions, keys table
}

type failure struct {
	OK     bool    `json:"ok"`
	Reason string  `json:"reason"`
	Errors []fault `json:"errors"`
}

type fault struct {
	Code      string  `json:"code"`
	Message   string  `json:"message"`
	Path      string  `json:"path"`
	Positions []place `json:"positions"`
}

func main() {
	var req request
	if err := json.NewDecoder(os.Stdin).Decode(&req); err != nil {
		panic(err)
	}
	res, faults := export(req)
	var out bytes.Buffer
	if len(faults) > 0 {
		data, err := json.Marshal(failure{Reason: "invalid", Errors: faults})
		if err != nil {
			panic(err)
		}
		out.Write(data)
	} else {
		out.WriteString(`{"ok":true,"json":`)
		writeString(&out, res.json)
		out.WriteString(`,"positions":{`)
		out.Write(res.positions.buf.Bytes())
		out.WriteString(`},"keys":{`)
		out.Write(res.keys.buf.Bytes())
		out.WriteString(`}}`)
	}
	if _, err := os.Stdout.Write(out.Bytes()); err != nil {
		panic(err)
	}
}

// export reports every error of the first step that has one: syntax, then refusals, then evaluation.
func export(req request) (*result, []fault) {
	src := newSources(req.Files)
	var faults []fault
	var files []*ast.File
	for _, f := range req.Files {
		file, err := parser.ParseFile(f[0], f[1], parser.ParseComments, parser.AllErrors)
		faults = append(faults, src.faults("syntax", err)...)
		files = append(files, file)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	inst := build.NewContext(build.Loader(nil)).NewInstance("", nil)
	for _, file := range files {
		faults = append(faults, refusals(src, file)...)
		// A package clause that contradicts another file's, among others; kept in inst.Err as well.
		_ = inst.AddSyntax(file)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	if inst.Err != nil {
		return nil, src.faults("build", inst.Err)
	}
	if err := inst.Complete(); err != nil {
		return nil, src.faults("build", err)
	}
	// Bounded evaluation is the caller's business: it kills this process's worker, and caps its memory.
	v := newContext().BuildInstance(inst)
	if req.Definition != "" {
		// To embed the definition at the top of a file would not close the fields of the others.
		v = v.Unify(v.LookupPath(cue.ParsePath(req.Definition)))
	}
	if err := everyError(v); err != nil {
		faults := src.faults("evaluation", err)
		src.locate(v, err, faults)
		return nil, faults
	}
	data, err := v.MarshalJSON()
	if err != nil {
		return nil, src.faults("evaluation", err)
	}
	if len(data) > req.MaxOutputBytes {
		message := fmt.Sprintf("exports %d bytes of JSON, %d are allowed", len(data), req.MaxOutputBytes)
		return nil, []fault{{Code: "output-too-large", Message: message, Positions: []place{}}}
	}
	res := &result{json: string(data)}
	src.walk(v, "", place{File: req.Files[0][0], Line: 1, Column: 1}, res)
	return res, nil
}

// everyError is Validate without its reserve: once a value conflicts anywhere below v, Validate is silent about what
// is merely missing, so the parts of a faulty value are asked one by one.
func everyError(v cue.Value) errors.Error {
	err := v.Validate(cue.Concrete(true), cue.Final())
	if err == nil {
		return nil
	}
	all := errors.Append(errors.Promote(err, ""), required(v))
	for _, part := range parts(v) {
		all = errors.Append(all, everyError(part))
	}
	return all
}

// missing is the error that Validate gives for a required field, in the same words. It gives way to that in sorted.
type missing struct {
	cueError
	path []string
}

type cueError = errors.Error // Its own name would be that of its method.

func (m *missing) Path() []string { return m.path }

// required lists the required fields that v, an error for another reason, does not have.
func required(v cue.Value) (all errors.Error) {
	core := v.Core()
	for _, arc := range core.V.Arcs {
		if arc.ArcType.Suffix() != "!" {
			continue
		}
		var path []string
		for _, selector := range v.Path().Selectors() {
			path = append(path, selector.String())
		}
		for c := range arc.LeafConjuncts() {
			err := errors.Newf(c.Field().Source().Pos(), "field is required but not present")
			all = errors.Append(all, &missing{err, append(path[:len(path):len(path)], arc.Label.SelectorString(core.R))})
			break
		}
	}
	return all
}

// parts gives the fields and elements also of a value that is an error, by label; Fields and List refuse there.
func parts(v cue.Value) iter.Seq2[string, cue.Value] {
	return func(yield func(string, cue.Value) bool) {
		core := v.Core()
		for _, arc := range core.V.Arcs {
			var selector cue.Selector
			switch {
			case arc.Label.IsString():
				selector = cue.Str(arc.Label.StringValue(core.R))
			case arc.Label.IsInt():
				selector = cue.Index(arc.Label.Index())
			default:
				continue
			}
			part := v.LookupPath(cue.MakePath(selector))
			if part.Exists() && !yield(arc.Label.SelectorString(core.R), part) {
				return
			}
		}
	}
}

// newContext is cuecontext.New without what that links in: embedding of files, tool/exec, tool/file. Compiling
// nothing with the older Runtime, which is the same type, is the public way to an initialised context.
func newContext() *cue.Context {
	var r cue.Runtime
	if _, err := r.Compile("", ""); err != nil {
		panic(err)
	}
	return (*cue.Context)(&r)
}

// What cue's loader would act on and this evaluation cannot: reading over it would change the meaning of the file.
var acting = set("embed extern if ignore inject tag")

// refusals lists the imports of foreign modules and the attributes that reach outside the given files.
func refusals(src *sources, file *ast.File) (faults []fault) {
	for spec := range file.ImportSpecs() {
		path, err := literal.Unquote(spec.Path.Value)
		name, _, _ := strings.Cut(path, ":")
		if err != nil || !standard[name] {
			err := errors.Newf(spec.Path.Pos(), "import of %q is refused: only CUE's own packages can be imported", path)
			faults = append(faults, src.faults("import-refused", err)...)
		}
	}
	ast.Walk(file, func(n ast.Node) bool {
		if a, ok := n.(*ast.Attribute); ok {
			if name, _ := a.Split(); acting[name] {
				err := errors.Newf(a.Pos(), "attribute @%s is refused: it reads from outside of the given files", name)
				faults = append(faults, src.faults("attribute-refused", err)...)
			}
		}
		return true
	}, nil)
	return faults
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, word := range strings.Fields(words) {
		out[word] = true
	}
	return out
}
