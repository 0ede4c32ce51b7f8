# shellcheck shell=bash
# Sourced by the commands of this folder: leaves a virtual environment in .venv,
# made with the newest fitting Python of this machine.
#
# $called_from is the caller's folder; the working folder becomes the project's.

export CALLED_FROM="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
export PYTHONDONTWRITEBYTECODE="${PYTHONDONTWRITEBYTECODE-}"

# Up to 3.13 every package comes ready built; on a newer one some are built here, with a compiler.
fits() {
  "$1" -c "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < $2)" 2>/dev/null
}

find_python() {
  search_python '(4,)' "${WETUBE_PYTHON:-}" && return
  local places=(python3.13 python3.12 python3.11 python3 python
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9]*/bin/python3
    /usr/local/bin/python3.1[1-9] /opt/homebrew/bin/python3.1[1-9])
  search_python '(3, 14)' "${places[@]}" || search_python '(4,)' "${places[@]}" && return
  cat >&2 <<'SENTENCE'
WeTube needs Python 3.11 or newer with its venv module, and found none.
On Debian and Ubuntu: apt install python3 python3-venv. Elsewhere: name one, as in
WETUBE_PYTHON=/path/to/python3.12 script/server
SENTENCE
  return 1
}

# search_python BELOW PLACE...: the first of the places that is a Python older than BELOW.
search_python() {
  local below="$1" candidate
  shift
  for candidate in "$@"; do
    if [[ -n "$candidate" ]] && command -v "$candidate" >/dev/null && fits "$candidate" "$below"; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

if ! { [[ -x .venv/bin/python ]] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; } 2>/dev/null; then
  python="$(find_python)"
  printf 'Making .venv with %s\n' "$("$python" --version)"
  "$python" -m venv --clear .venv
fi
