#!/usr/bin/env bash
# Builds the images of the services, for which it puts each one's jars together, and of the runners.
# `./nexus images` calls it, after it has built the jars where any are needed. Runs on bash 3.2 (macOS)
# and newer.
set -euo pipefail

images=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$images/../.." && pwd -P)
context="$root/target/images"
all='command-service projector sandbox-executor mcp-gateway oracle-stream cli'
runners='runner-python runner-node'

say() { printf '%s\n' "$*" >&2; }
die() {
  [ -n "${asks:-}" ] || say "$*"
  exit 1
}

usage() {
  cat <<'HELP'
Builds container images: of the services, each with a Java runtime, its jars
and a cache for fast starts, and of the runners, in which code runs.

  ./nexus images                   all services, as nexus/SERVICE:VERSION
  ./nexus images projector cli     some of them
  ./nexus images build             all services and runners
  ./nexus images build NAME...     some of them; runners need no JDK or Maven
  ./nexus images list              what a pool's image can be built on
  ./nexus images check IMAGE       whether a pool can use an image of yours
  ./nexus images --tag 1.4 --repository registry.example.org/nexus
  ./nexus images --base-image my-debian:12 --jdk-image my-jdk:25
  ./nexus images --json            names and sizes as one JSON object on stdout

  --repository NAME    what stands before the image's name (default: nexus)
  --tag TAG            version of the images (default: the project's)
  --base-image IMAGE   a Debian, or another glibc system with bash; a runner's
                       needs apt where it has no Python, or no Node
                       (default: debian:bookworm-slim)
  --jdk-image IMAGE    a JDK 25, of which the runtime is made
                       (default: eclipse-temurin:25-jdk)
  --label NAME=VALUE   what every image is labelled with, for who looks for it
  --stage-only         only put the build context into target/images

services: command-service projector sandbox-executor mcp-gateway oracle-stream
          cli
runners:  runner-python runner-node
HELP
}

repository=nexus tag='' json='' stage_only='' asks='' wanted='' arguments=() command=''
# How ./nexus learns whether it has to build jars first; it says nothing.
if [ "${1:-}" = --needs-jars ]; then
  asks=1
  shift
fi
case ${1:-} in
  build | list)
    command=$1
    shift
    ;;
esac
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      [ -z "$asks" ] || exit 1
      usage
      exit
      ;;
    --repository | --tag | --base-image | --jdk-image | --label)
      [ $# -ge 2 ] || die "$1 needs a value (see './nexus images --help')"
      case $1 in
        --repository) repository=$2 ;;
        --tag) tag=$2 ;;
        --base-image) arguments+=(--build-arg "BASE_IMAGE=$2") ;;
        --jdk-image) arguments+=(--build-arg "JDK_IMAGE=$2") ;;
        --label) arguments+=(--label "$2") ;;
      esac
      shift
      ;;
    --json) json=1 ;;
    --stage-only) stage_only=1 ;;
    -*) die "unknown option $1 (see './nexus images --help')" ;;
    *)
      [ "$command" != list ] || die "unknown word '$1' (see './nexus images --help')"
      case " $all $runners " in
        *" $1 "*) wanted="$wanted $1" ;;
        *) die "unknown image '$1'; there are: $all $runners" ;;
      esac
      ;;
  esac
  shift
done
if [ -z "$wanted" ]; then
  case $command in
    build) wanted="$all $runners" ;;
    list) ;;
    *) wanted=$all ;;
  esac
fi

is_runner() {
  case " $runners " in *" $1 "*) ;; *) return 1 ;; esac
}

needs_jars() {
  local name
  [ "$command" != list ] || return 1
  [ -z "$stage_only" ] || return 0
  for name in $wanted; do
    is_runner "$name" || return 0
  done
  return 1
}

if [ -n "$asks" ]; then
  needs_jars || exit 1
  exit 0
fi

# Where a service is built, and the class that runs it.
module() {
  case $1 in cli) echo infra/standalone ;; *) echo "$1" ;; esac
}

main_class() {
  case $1 in
    command-service) echo dev.nexus.command.CommandServiceApplication ;;
    projector) echo dev.nexus.projector.ProjectorApplication ;;
    sandbox-executor) echo dev.nexus.executor.ExecutorApplication ;;
    mcp-gateway) echo dev.nexus.mcp.McpApplication ;;
    oracle-stream) echo dev.nexus.oracle.OracleApplication ;;
    cli) echo dev.nexus.standalone.Nexus ;;
  esac
}

# The jars of a service, its own first, a line each. An order of their own is what a cache for fast
# starts is valid for.
jars() {
  local target="$root/$(module "$1")/target" own
  own=$(ls "$target"/nexus-*.jar 2>/dev/null | grep -v -e '-sources' -e '-tests' | head -n 1)
  [ -n "$own" ] && [ -f "$target/classpath.txt" ] || die "$1 is not built: run './nexus images'"
  printf '%s\n' "$own"
  tr ':' '\n' <"$target/classpath.txt"
}

# The class path as it is in the image.
class_path() {
  jars "$1" | sed -e 's#.*/#/opt/nexus/lib/#' | paste -s -d : -
}

java_args() {
  local cache=''
  [ "$2" = trained ] && [ "$1" != cli ] && cache='-XX:AOTCache=/opt/nexus/nexus.aot'
  printf '%s\n' \
    --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow \
    -Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.nexus \
    -XX:MaxRAMPercentage=50 \
    -XX:+ExitOnOutOfMemoryError \
    $cache \
    -Xlog:disable -Xlog:all=error:stderr -Xlog:aot*=off:stderr -Xlog:cds*=off:stderr \
    -cp "$(class_path "$1")" \
    "$(main_class "$1")"
}

stage() {
  local service jar name shared
  rm -rf "$context"
  mkdir -p "$context/shared/lib" "$context/training"
  cp "$images/Dockerfile" "$images/healthy" "$context"
  shared="$context/shared.txt"
  # What every service has: the names that come five times among those of the five.
  for service in $all; do
    [ "$service" = cli ] || jars "$service"
  done | sort | uniq -c | awk '$1 == 5 { print $2 }' >"$shared"
  while IFS= read -r jar; do cp -p "$jar" "$context/shared/lib/"; done <"$shared"
  for service in $all; do
    mkdir -p "$context/$service/lib" "$context/training/$service"
    while IFS= read -r jar; do
      name=${jar##*/}
      [ -e "$context/shared/lib/$name" ] || cp -p "$jar" "$context/$service/lib/"
    done < <(jars "$service")
    java_args "$service" trained >"$context/$service/java.args"
    java_args "$service" untrained >"$context/training/$service/java.args"
  done
  rm "$shared"
  # A cache for fast starts is valid for jars of one time only. Docker goes by contents: it would take a
  # layer of before for a service, and make another one to train in, with the same jars packed later.
  find "$context" -name '*.jar' -exec env TZ=UTC touch -t 202601010000 {} +
}

# The project's, which is behind its parent's in the POM.
version() {
  awk -F '[<>]' '/<parent>/ { of_parent = 1 } /<\/parent>/ { of_parent = 0 }
    $2 == "version" && !of_parent { print tolower($3); exit }' "$root/pom.xml"
}

# --- What a pool's image can be built on ---------------------------------------------------------------

# The image | what it has | its size | when to take it
curated() {
  cat <<'IMAGES'
nexus/runner-python|Python of Debian, its standard library, the runner|small|code that needs nothing but the standard library, and as the base of an image with a few packages
nexus/runner-node|Node of Debian, the runner|medium|code that needs nothing but Node, and as the base of an image with a few packages
python:3.12-slim|the official Python 3.12 on a slim Debian, with pip|small|packages that want a newer Python than Debian's: build runner-python with --base-image
node:22-slim|the official Node 22 on a slim Debian, with npm|medium|packages that want a newer Node than Debian's: build runner-node with --base-image
debian:bookworm-slim|Debian, apt, nothing else|smallest|programs of Debian beside the code, or a language of your own: add what you need, then the runner
python:3.12|the official Python 3.12 with compilers and headers|large|an earlier stage, in which packages are compiled that the image itself then copies
IMAGES
}

bytes_of() {
  docker image inspect --format '{{.Size}}' "$1" 2>/dev/null || true
}

list() {
  local image has size when bytes built here='' lines=()
  ! command -v docker >/dev/null 2>&1 || here=1
  while IFS='|' read -r image has size when; do
    bytes='' built=false
    case $image in
      nexus/*)
        image="$repository/${image#nexus/}:${tag:-$(version)}" built=true
        ;;
    esac
    [ -z "$here" ] || bytes=$(bytes_of "$image")
    if [ -n "$json" ]; then
      lines+=("{\"image\":\"$image\",\"has\":\"$has\",\"size\":\"$size\",\"takeItFor\":\"$when\",\"builtByNexus\":$built,\"bytes\":${bytes:-null}}")
      continue
    fi
    printf '%s (%s%s)\n' "$image" "$size" "${bytes:+, $((bytes / 1000000)) MB here}"
    printf 'It has %s. Take it for %s.\n\n' "$has" "$when" | fold -s -w 76 | sed -e 's/^\(.\)/  \1/' -e 's/ *$//'
  done < <(curated)
  if [ -n "$json" ]; then
    (
      IFS=,
      printf '{"images":[%s]}\n' "${lines[*]}"
    )
    return
  fi
  cat <<'ADVICE'
Take the smallest that has what the code needs: it starts as fast as any other,
and what is not in an image cannot be misused. Slim variants of official images
are meant for this. Alpine is not: packages of Python and Node are mostly built
for glibc. Name a version, not "latest", so that a pool stays as it was tested.
docs/runner-images.md shows an image with packages and a handler of its own.
ADVICE
}

if [ "$command" = list ]; then
  list
  exit
fi

! needs_jars || stage
[ -z "$stage_only" ] || exit 0
command -v docker >/dev/null 2>&1 || die "Images need Docker: install it, or see './nexus images --stage-only'."
docker version >/dev/null 2>&1 || die "No Docker engine answers: start it (docker version says more)."
[ -n "$tag" ] || tag=$(version)
log="$root/target/images.log"
mkdir -p "$root/target"
: >"$log"
lines=()
for name in $wanted; do
  image="$repository/$name:$tag"
  from=$context
  ! is_runner "$name" || from="$images/runners"
  began=$SECONDS
  if ! docker build ${arguments[@]+"${arguments[@]}"} --target "$name" --tag "$image" "$from" >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "$image could not be built; the whole log: target/images.log"
  fi
  bytes=$(bytes_of "$image")
  say "$(printf '  %-40s %5s MB %5s s' "$image" $((bytes / 1000000)) $((SECONDS - began)))"
  lines+=("{\"service\":\"$name\",\"image\":\"$image\",\"bytes\":$bytes}")
done
if [ -n "$json" ]; then
  (
    IFS=,
    printf '{"images":[%s]}\n' "${lines[*]}"
  )
fi
