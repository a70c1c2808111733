#!/usr/bin/env bash
# Builds every image that Compose needs, and those of the runners, from Debian's packages and this
# machine's JDK, for where no image registry can be reached: a base, a JDK, the services, and stand-ins
# for Kafka and Redis.
#
#   ./nexus images --stage-only && infra/images/offline/offline.sh
#   IMAGE_TAG=offline KAFKA_IMAGE=nexus-offline/kafka REDIS_IMAGE=nexus-offline/redis docker compose up -d
#
# Needs root, docker and mmdebstrap; what is there already is not built again: the base, the JDK and Redis
# by their names, the others by what is in them. Two at once wait for each other.
#
#   infra/images/offline/offline.sh --bases      only what needs no jars
#   infra/images/offline/offline.sh --runners    only the base and the runners, which need no JDK either
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../../.." && pwd -P)
base=nexus-offline/base:bookworm
jdk=nexus-offline/jdk:25
redis=nexus-offline/redis
kafka=nexus-offline/kafka
label=dev.nexus.contents

has() {
  docker image inspect "$1" >/dev/null 2>&1
}

step() {
  printf '%s\n' "$*" >&2
}

# What files are in the directories, by name and content.
contents_of() {
  (cd "$root" && find "$@" -type f ! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum |
    sha256sum | cut -d ' ' -f 1)
}

# is_of IMAGE CONTENTS
is_of() {
  local built
  built=$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1" 2>/dev/null) || return 1
  [ "$built" = "$2" ]
}

runners_are_of_now() {
  local contents runner
  contents=$(contents_of infra/images/runners)
  for runner in runner-python runner-node; do
    is_of "nexus/$runner:offline" "$contents" || return 1
  done
}

# What is there already waits for nobody: the others take minutes.
if [ "${1:-}" = --runners ] && runners_are_of_now; then exit 0; fi
mkdir -p "$root/target"
exec 9>"$root/target/images.lock"
flock 9

if ! has "$base"; then
  step "Debian as $base"
  mmdebstrap --quiet --variant=minbase --include=ca-certificates \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
    bookworm - | docker import -c 'CMD ["bash"]' - "$base" >/dev/null
fi


build_runners() {
  local contents runner
  contents=$(contents_of infra/images/runners)
  for runner in runner-python runner-node; do
    if is_of "nexus/$runner:offline" "$contents"; then continue; fi
    step "nexus/$runner:offline"
    docker build --quiet --build-arg BASE_IMAGE="$base" --label "$label=$contents" --target "$runner" \
      --tag "nexus/$runner:offline" "$root/infra/images/runners" >/dev/null
  done
}

if [ "${1:-}" = --runners ]; then
  build_runners
  exit 0
fi

if ! has "$jdk"; then
  step "This machine's JDK as $jdk"
  # Whole, and with the files that a package has elsewhere: a JDK without jmods links a runtime of itself
  # only when everything is there.
  tar -C "$JAVA_HOME" --dereference --exclude=./lib/src.zip -c . |
    docker import -c 'ENV PATH=/bin:/usr/bin' - "$jdk-files" >/dev/null
  printf 'FROM %s\nCOPY --from=%s / /opt/jdk\nENV PATH=/opt/jdk/bin:/usr/bin:/bin\n' "$base" "$jdk-files" |
    docker build --quiet --tag "$jdk" - >/dev/null
fi
if ! has "$redis"; then
  step "A stand-in for Redis"
  docker build --quiet --build-arg BASE_IMAGE="$base" --tag "$redis" \
    --file "$here/redis.Dockerfile" "$here" >/dev/null
fi
build_runners
[ "${1:-}" != --bases ] || exit 0

"$root/infra/images/build.sh" --stage-only
contents=$(contents_of target/images infra/images/offline)

# Each is asked: one may be gone by its name, or be of another tree, whatever the others are.
all_are_of_now() {
  local service
  is_of "$kafka" "$contents" || return 1
  for service in "$root"/target/images/training/*; do
    is_of "nexus/${service##*/}:offline" "$contents" || return 1
  done
}

if all_are_of_now; then exit 0; fi
"$root/infra/images/build.sh" --base-image "$base" --jdk-image "$jdk" --tag offline --label "$label=$contents"
step "A stand-in for Kafka"
docker build --quiet --build-arg CLI_IMAGE=nexus/cli:offline --label "$label=$contents" --tag "$kafka" \
  --file "$here/kafka.Dockerfile" "$here" >/dev/null
