#!/usr/bin/env bash
# Builds btcd, lnd and lncli from the sources that test/real/nodes/go.sum pins, once per pin, into a cache outside of the
# checkout. Prints the folder that holds them on stdout; speaks on stderr. A cached build is there at once and needs no Go.
set -euo pipefail
cd "$(dirname "$0")"
SCRIPTS=$PWD
cd ../test/real/nodes

readonly NEEDED_GO=1.24.9
readonly TAGS='signrpc walletrpc chainrpc invoicesrpc routerrpc peersrpc'
readonly PROGRAMS=(btcd lnd lncli)
readonly CACHE=${SATWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/satway}/lightning-nodes
readonly TOOLCHAIN=$CACHE/go-$NEEDED_GO

say() { printf '%s\n' "$*" >&2; }

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-16; }

# True when version $1 is $2 or newer.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

is_complete() {
  local program
  for program in "${PROGRAMS[@]}"; do [[ -x $1/$program ]] || return 1; done
}

# Prints the newest Go on this machine as `version path`; nothing when there is none.
newest_go() {
  local go version
  for go in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-*/bin/go /usr/lib/go/bin/go "$TOOLCHAIN/bin/go"; do
    [[ -x $go ]] || continue
    version=$(cd / && GOTOOLCHAIN=local "$go" version | sed -nE 's/^go version go([0-9.]+).*/\1/p')
    [[ -z $version ]] || printf '%s %s\n' "$version" "$go"
  done | sort -V | tail -n 1
}

# Any Go can fetch a newer one, which comes as a module (checked against the checksum database) without its executable bits.
fetch_toolchain() {
  local go=$1 folder platform
  platform=$(cd / && "$go" env GOOS)-$(cd / && "$go" env GOARCH)
  folder=$(mktemp -d "$CACHE/.toolchain-XXXXXX")
  say "Fetching Go $NEEDED_GO as a module …"
  (cd "$folder" && GOMODCACHE=$folder GOFLAGS=-modcacherw GOTOOLCHAIN=local \
    "$go" mod download "golang.org/toolchain@v0.0.1-go$NEEDED_GO.$platform" >&2) || return 0
  find "$folder"/golang.org/toolchain@*/bin "$folder"/golang.org/toolchain@*/pkg/tool -type f -exec chmod 755 {} +
  [[ -d $TOOLCHAIN ]] || mv "$folder"/golang.org/toolchain@* "$TOOLCHAIN"
  rm -rf "$folder"
}

# Prints a Go that can build lnd, as `version path`, or says what is missing.
require_go() {
  local found
  found=$(newest_go)
  if [[ -z $found ]]; then
    # Where it may not install, it says what is missing, and so do we.
    "$SCRIPTS/install-tools.sh" go || true
    found=$(newest_go)
  fi
  if [[ -n $found ]] && ! at_least "${found%% *}" "$NEEDED_GO"; then
    fetch_toolchain "${found#* }"
    found=$(newest_go)
  fi
  if [[ -n $found ]] && at_least "${found%% *}" "$NEEDED_GO"; then
    printf '%s\n' "$found"
    return
  fi
  say "The tests on real nodes build lnd from source and need Go $NEEDED_GO or newer; this machine has ${found:+Go }${found:-no Go at all}."
  say 'Install it with your package manager (or from go.dev), put it on PATH, then run this again.'
  return 1
}

build() {
  local go=$1 into=$2
  export GOWORK=off GOTOOLCHAIN=local GOFLAGS='-mod=readonly -buildvcs=false -trimpath' CGO_ENABLED=0
  "$go" build -tags "$TAGS" -o "$into/" \
    github.com/btcsuite/btcd github.com/lightningnetwork/lnd/cmd/lnd github.com/lightningnetwork/lnd/cmd/lncli >&2
}

key=$({ cat go.mod go.sum; printf '%s %s' "$TAGS" "$(uname -sm)"; } | sha256)
readonly ready=$CACHE/$key

if ! is_complete "$ready"; then
  mkdir -p "$CACHE"
  found=$(require_go)
  building=$(mktemp -d "$CACHE/.building-XXXXXX")
  trap 'rm -rf "$building"' EXIT
  say "Building lnd and btcd from source with Go ${found%% *} (once; some minutes on a small machine) …"
  build "${found#* }" "$building"
  is_complete "$building" || { say 'The build ended without all of its programs.'; exit 1; }
  chmod 755 "$building"
  # Whoever was faster built the same; a folder without all programs is the rest of a deletion.
  if ! is_complete "$ready"; then
    rm -rf "$ready"
    mv "$building" "$ready"
  fi
  say "Lightning nodes are in $ready"
fi
printf '%s\n' "$ready"
