// An oracle for Sekisho's ledger: Go's own implementation of signed notes and of the Merkle tree answers one question
// (JSON on standard input) with one answer (JSON on standard output). It is built offline against
// golang.org/x/mod/sumdb, whose source lies inside every Go toolchain; see test_go_oracle.py.
package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Index, Size int64
	Leaf, Root  []byte
	Path        [][]byte
}

type consistency struct {
	Old, Size     int64
	OldRoot, Root []byte
	Path          [][]byte
}

type question struct {
	Vkey, Skey, Text string
	Notes            []string // to be opened with Vkey
	Entries          [][]byte
	Inclusions       []inclusion
	Consistencies    []consistency
}

type answer struct {
	Opened        []string // the text of each note, or empty if it is refused
	Roots         [][]byte // of every size from 0
	Inclusions    []bool   // whether each proof holds
	Consistencies []bool
	Proofs        [][][]byte // of every entry in the whole tree, made by Go
	Prefixes      [][][]byte // of every size from 1 in the whole tree
	Resigned      string     // Text, signed with Skey
	NewSkey       string     // a key that Go made,
	NewVkey       string
	NewNote       string // and Text, signed with it
}

// stored is the log's storage: hashes in tlog's own order.
type stored []tlog.Hash

func (s *stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = (*s)[index]
	}
	return found, nil
}

func main() {
	var asked question
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	var told answer
	notes(&asked, &told)
	tree(&asked, &told)
	proofs(&asked, &told)
	must(json.NewEncoder(os.Stdout).Encode(told))
}

func notes(asked *question, told *answer) {
	known, err := note.NewVerifier(asked.Vkey)
	must(err)
	for _, text := range asked.Notes {
		opened, err := note.Open([]byte(text), note.VerifierList(known))
		if err != nil {
			opened = &note.Note{}
		}
		told.Opened = append(told.Opened, opened.Text)
	}
	told.Resigned = signed(asked.Skey, asked.Text)
	told.NewSkey, told.NewVkey, err = note.GenerateKey(rand.Reader, "go.example/made-by-go")
	must(err)
	told.NewNote = signed(told.NewSkey, asked.Text)
}

func signed(skey, text string) string {
	signer, err := note.NewSigner(skey)
	must(err)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	must(err)
	return string(signed)
}

func tree(asked *question, told *answer) {
	var storage stored
	size := int64(len(asked.Entries))
	for n := int64(0); n <= size; n++ {
		root, err := tlog.TreeHash(n, &storage)
		must(err)
		told.Roots = append(told.Roots, root[:])
		if n < size {
			hashes, err := tlog.StoredHashes(n, asked.Entries[n], &storage)
			must(err)
			storage = append(storage, hashes...)
		}
	}
	for n := int64(0); n < size; n++ {
		proof, err := tlog.ProveRecord(size, n, &storage)
		must(err)
		told.Proofs = append(told.Proofs, plain(proof))
		prefix, err := tlog.ProveTree(size, n+1, &storage)
		must(err)
		told.Prefixes = append(told.Prefixes, plain(prefix))
	}
}

func proofs(asked *question, told *answer) {
	for _, p := range asked.Inclusions {
		err := tlog.CheckRecord(hashes(p.Path), p.Size, hash(p.Root), p.Index, hash(p.Leaf))
		told.Inclusions = append(told.Inclusions, err == nil)
	}
	for _, p := range asked.Consistencies {
		err := tlog.CheckTree(hashes(p.Path), p.Size, hash(p.Root), p.Old, hash(p.OldRoot))
		told.Consistencies = append(told.Consistencies, err == nil)
	}
}

func hash(raw []byte) (h tlog.Hash) {
	if len(raw) != len(h) {
		must(fmt.Errorf("a hash of %d bytes", len(raw)))
	}
	copy(h[:], raw)
	return h
}

func hashes(raw [][]byte) []tlog.Hash {
	found := make([]tlog.Hash, len(raw))
	for i := range raw {
		found[i] = hash(raw[i])
	}
	return found
}

func plain(path []tlog.Hash) [][]byte {
	found := make([][]byte, len(path))
	for i := range path {
		found[i] = path[i][:]
	}
	return found
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
