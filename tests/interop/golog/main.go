// Reads our log with Go's own packages: golang.org/x/mod/sumdb/note and sumdb/tlog, as Debian ships them.
//
// usage: golog JOB.json, which names a folder with a log, its vkey, older checkpoints of it, and proofs that we made.
// It prints one line of JSON: what was accepted, or the first thing that was not.
package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// A job says what to check.
type job struct {
	Folder string
	Vkey   string
	Older  []string // signed checkpoints
	Proofs []proof
}

// A proof is one that we made: of inclusion where Old is nil, else of consistency from the tree of Old leaves.
type proof struct {
	Index, Old *int64
	Leaf       string
	Hashes     []string
}

// A result counts what was accepted.
type result struct {
	Size, Records, Trees, Proofs int64
	Error                        string `json:",omitempty"`
}

// A head is what a C2SP checkpoint says.
type head struct {
	origin string
	tree   tlog.Tree
}

func openHead(signed []byte, verifier note.Verifier) (head, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return head{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 {
		return head{}, errors.New("the checkpoint has fewer than three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return head{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return head{origin: lines[0], tree: tlog.Tree{N: size, Hash: root}}, err
}

// A folder gives tiles; tlog checks them against the tree before it uses them.
type folder string

func (f folder) Height() int                     { return tileHeight }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		// C2SP tiles have one height, so that it is not in the path.
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

// entries returns all entries of a log of that size, from its bundles.
func (f folder) entries(size int64) ([][]byte, error) {
	var found [][]byte
	for first := int64(0); first < size; first += 1 << tileHeight {
		tile := tlog.Tile{H: tileHeight, L: 0, N: first >> tileHeight, W: 1 << tileHeight}
		if size-first < 1<<tileHeight {
			tile.W = int(size - first)
		}
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", tileHeight), "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		for len(data) > 0 {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return nil, errors.New("a bundle is torn")
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			found = append(found, data[2:end])
			data = data[end:]
		}
	}
	if int64(len(found)) != size {
		return nil, fmt.Errorf("%d entries in a tree of %d", len(found), size)
	}
	return found, nil
}

func hashes(texts []string) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, 0, len(texts))
	for _, text := range texts {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return nil, err
		}
		found = append(found, hash)
	}
	return found, nil
}

func run(path string) (done result, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return done, err
	}
	var asked job
	if err := json.Unmarshal(data, &asked); err != nil {
		return done, err
	}
	verifier, err := note.NewVerifier(asked.Vkey)
	if err != nil {
		return done, err
	}
	signed, err := os.ReadFile(filepath.Join(asked.Folder, "checkpoint"))
	if err != nil {
		return done, err
	}
	now, err := openHead(signed, verifier)
	if err != nil {
		return done, err
	}
	done.Size = now.tree.N
	reader := tlog.TileHashReader(now.tree, folder(asked.Folder))
	root, err := tlog.TreeHash(now.tree.N, reader)
	if err != nil || root != now.tree.Hash {
		return done, fmt.Errorf("the root of the tiles is %v, not %v: %v", root, now.tree.Hash, err)
	}
	entries, err := folder(asked.Folder).entries(now.tree.N)
	if err != nil {
		return done, err
	}
	for index, entry := range entries {
		made, err := tlog.ProveRecord(now.tree.N, int64(index), reader)
		if err != nil {
			return done, err
		}
		if err := tlog.CheckRecord(made, now.tree.N, now.tree.Hash, int64(index), tlog.RecordHash(entry)); err != nil {
			return done, fmt.Errorf("record %d: %v", index, err)
		}
		done.Records++
	}
	older := map[int64]tlog.Hash{}
	for _, text := range asked.Older {
		before, err := openHead([]byte(text), verifier)
		if err != nil {
			return done, err
		}
		if before.origin != now.origin {
			return done, errors.New("an older checkpoint is of another log")
		}
		made, err := tlog.ProveTree(now.tree.N, before.tree.N, reader)
		if err != nil {
			return done, err
		}
		if err := tlog.CheckTree(made, now.tree.N, now.tree.Hash, before.tree.N, before.tree.Hash); err != nil {
			return done, fmt.Errorf("tree %d: %v", before.tree.N, err)
		}
		older[before.tree.N] = before.tree.Hash
		done.Trees++
	}
	for number, one := range asked.Proofs {
		path, err := hashes(one.Hashes)
		if err != nil {
			return done, err
		}
		if one.Old != nil {
			err = tlog.CheckTree(path, now.tree.N, now.tree.Hash, *one.Old, older[*one.Old])
		} else {
			leaf, parsed := tlog.ParseHash(one.Leaf)
			if parsed != nil {
				return done, parsed
			}
			err = tlog.CheckRecord(path, now.tree.N, now.tree.Hash, *one.Index, leaf)
		}
		if err != nil {
			return done, fmt.Errorf("our proof %d: %v", number, err)
		}
		done.Proofs++
	}
	return done, nil
}

func main() {
	done, err := run(os.Args[1])
	if err != nil {
		done.Error = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(done); err != nil {
		os.Exit(1)
	}
}
