#!/usr/bin/env bash
# Installs the LNbits that test/real/lnbits/requirements.txt pins into a virtual environment outside of the checkout, once per pin. Prints the folder of the
# environment on stdout; speaks on stderr. A cached one is there at once and needs no network.
set -euo pipefail
cd "$(dirname "$0")/../test/real/lnbits"

readonly NEEDED_PYTHON=3.12
readonly CACHE=${SATWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/satway}/lnbits

say() { printf '%s\n' "$*" >&2; }

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-16; }

# Some systems ship a Python that cannot make environments, and a version manager shows commands that do not run.
is_python() {
  [[ -x $1 ]] && "$1" -c "import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != tuple(map(int, '$NEEDED_PYTHON'.split('.'))))" 2>/dev/null
}

# Prints the path of a Python that will do; nothing when there is none.
find_python() {
  local root python
  root=$(command -v pyenv >/dev/null && pyenv root 2>/dev/null || printf '%s' "${PYENV_ROOT:-$HOME/.pyenv}")
  for python in "$(command -v "python$NEEDED_PYTHON" || true)" "$(command -v python3 || true)" "$root/versions/$NEEDED_PYTHON".*/bin/python3 \
    "/usr/bin/python$NEEDED_PYTHON" "/usr/local/bin/python$NEEDED_PYTHON" "/opt/homebrew/bin/python$NEEDED_PYTHON"; do
    if is_python "$python"; then
      printf '%s\n' "$python"
      return
    fi
  done
}

install_python() {
  [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null || return 0
  say "Python $NEEDED_PYTHON is needed to run LNbits; asking apt for it …"
  apt-get update -q >&2 || return 0
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    "python$NEEDED_PYTHON" "python$NEEDED_PYTHON-venv" ca-certificates >&2 || true
}

require_python() {
  local python
  python=$(find_python)
  if [[ -z $python ]]; then
    install_python
    python=$(find_python)
  fi
  if [[ -z $python ]]; then
    say "The tests on a real LNbits need Python $NEEDED_PYTHON with its venv module, and this machine has none."
    say 'Install it with your package manager (or with pyenv), put it on PATH, then run this again.'
    return 1
  fi
  printf '%s\n' "$python"
}

key=$({ cat requirements.txt; printf '%s %s' "$NEEDED_PYTHON" "$(uname -sm)"; } | sha256)
readonly ready=$CACHE/$key

is_complete() { [[ -f $1/complete ]] && "$1/bin/python" -c 'import sys' 2>/dev/null; }

if ! is_complete "$ready"; then
  mkdir -p "$CACHE"
  python=$(require_python)
  building=$(mktemp -d "$CACHE/.building-XXXXXX")
  trap 'rm -rf "$building"' EXIT
  say "Installing LNbits with $("$python" --version) (once; about a minute) …"
  "$python" -m venv "$building" >&2
  # Only what is listed: a dependency that the list forgot would be of whatever version is newest today.
  "$building/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps -r requirements.txt >&2
  "$building/bin/python" -m pip check >&2
  chmod 755 "$building"
  touch "$building/complete"
  # Whoever was faster installed the same. An environment that was moved is started by its Python, never by its scripts.
  if ! is_complete "$ready"; then
    rm -rf "$ready"
    mv "$building" "$ready"
  fi
  say "LNbits is in $ready"
fi
printf '%s\n' "$ready"
