# shellcheck shell=bash
# Sourced by the commands of this folder: leaves a virtual environment in .venv,
# made with the newest fitting Python of this machine.
#
# $called_from is the caller's folder; the working folder becomes the project's.

export CALLED_FROM="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
export PYTHONDONTWRITEBYTECODE="${PYTHONDONTWRITEBYTECODE-}"

fits() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in "${WETUBE_PYTHON:-}" python3.13 python3.12 python3.11 python3 python \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9]*/bin/python3 \
    /usr/local/bin/python3.1[1-9] /opt/homebrew/bin/python3.1[1-9]; do
    if [[ -n "$candidate" ]] && command -v "$candidate" >/dev/null && fits "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  cat >&2 <<'SENTENCE'
WeTube needs Python 3.11 or newer with its venv module, and found none.
On Debian and Ubuntu: apt install python3 python3-venv. Elsewhere: name one, as in
WETUBE_PYTHON=/path/to/python3.12 script/server
SENTENCE
  return 1
}

if ! { [[ -x .venv/bin/python ]] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; } 2>/dev/null; then
  python="$(find_python)"
  printf 'Making .venv with %s\n' "$("$python" --version)"
  "$python" -m venv --clear .venv
fi
