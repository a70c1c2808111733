#!/usr/bin/env bash
# Builds the images of the services: puts each service's jars together and hands them to Docker.
# `./nexus images` calls it after it has built the jars. Runs on bash 3.2 (macOS) and newer.
set -euo pipefail

images=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$images/../.." && pwd -P)
context="$root/target/images"
all='command-service projector sandbox-executor mcp-gateway oracle-stream cli'

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

usage() {
  cat <<'HELP'
Builds container images of the services, each with a Java runtime, its jars and
a cache for fast starts.

  ./nexus images                   all of them, as nexus/SERVICE:VERSION
  ./nexus images projector cli     some of them
  ./nexus images --tag 1.4 --repository registry.example.org/nexus
  ./nexus images --base-image my-debian:12 --jdk-image my-jdk:25
  ./nexus images --json            names and sizes as one JSON object on stdout

  --repository NAME    what stands before the service's name (default: nexus)
  --tag TAG            version of the images (default: the project's)
  --base-image IMAGE   a Debian, or another glibc system with bash
                       (default: debian:bookworm-slim)
  --jdk-image IMAGE    a JDK 25, of which the runtime is made
                       (default: eclipse-temurin:25-jdk)
  --label NAME=VALUE   what every image is labelled with, for who looks for it
  --stage-only         only put the build context into target/images

services: command-service projector sandbox-executor mcp-gateway oracle-stream
          cli
HELP
}

repository=nexus tag='' json='' stage_only='' wanted='' arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
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
      case " $all " in
        *" $1 "*) wanted="$wanted $1" ;;
        *) die "unknown service '$1'; there are: $all" ;;
      esac
      ;;
  esac
  shift
done
[ -n "$wanted" ] || wanted=$all

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

version() {
  local name
  name=$(jars cli | head -n 1)
  name=${name##*/nexus-standalone-}
  printf '%s' "${name%.jar}" | tr '[:upper:]' '[:lower:]'
}

stage
[ -z "$stage_only" ] || exit 0
command -v docker >/dev/null 2>&1 || die "Images need Docker: install it, or see './nexus images --stage-only'."
docker version >/dev/null 2>&1 || die "No Docker engine answers: start it (docker version says more)."
[ -n "$tag" ] || tag=$(version)
log="$root/target/images.log"
: >"$log"
lines=()
for service in $wanted; do
  image="$repository/$service:$tag"
  began=$SECONDS
  if ! docker build ${arguments[@]+"${arguments[@]}"} --target "$service" --tag "$image" "$context" >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "$image could not be built; the whole log: target/images.log"
  fi
  bytes=$(docker image inspect --format '{{.Size}}' "$image")
  say "$(printf '  %-40s %5s MB %5s s' "$image" $((bytes / 1000000)) $((SECONDS - began)))"
  lines+=("{\"service\":\"$service\",\"image\":\"$image\",\"bytes\":$bytes}")
done
if [ -n "$json" ]; then
  (
    IFS=,
    printf '{"images":[%s]}\n' "${lines[*]}"
  )
fi
