#!/usr/bin/env bash
# Builds every image that Compose needs from Debian's packages and this machine's JDK, for where no image
# registry can be reached: a base, a JDK, the services, and stand-ins for Kafka and Redis.
#
#   ./nexus images --stage-only && infra/images/offline/offline.sh
#   IMAGE_TAG=offline KAFKA_IMAGE=nexus-offline/kafka REDIS_IMAGE=nexus-offline/redis docker compose up -d
#
# Needs root, docker and mmdebstrap; what is there already is not built again.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../../.." && pwd -P)
base=nexus-offline/base:bookworm
jdk=nexus-offline/jdk:25

has() {
  docker image inspect "$1" >/dev/null 2>&1
}

step() {
  printf '%s\n' "$*" >&2
}

if ! has "$base"; then
  step "Debian as $base"
  mmdebstrap --quiet --variant=minbase --include=ca-certificates \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
    bookworm - | docker import -c 'CMD ["bash"]' - "$base" >/dev/null
fi
if ! has "$jdk"; then
  step "This machine's JDK as $jdk"
  tar -C "$JAVA_HOME" --exclude=./man --exclude=./lib/src.zip -c . |
    docker import -c 'ENV PATH=/bin:/usr/bin' - "$jdk-files" >/dev/null
  printf 'FROM %s\nCOPY --from=%s / /opt/jdk\nENV PATH=/opt/jdk/bin:/usr/bin:/bin\n' "$base" "$jdk-files" |
    docker build --quiet --tag "$jdk" - >/dev/null
fi
"$root/infra/images/build.sh" --base-image "$base" --jdk-image "$jdk" --tag offline
step "Stand-ins for Kafka and Redis"
docker build --quiet --build-arg CLI_IMAGE=nexus/cli:offline --tag nexus-offline/kafka \
  --file "$here/kafka.Dockerfile" "$here" >/dev/null
docker build --quiet --build-arg BASE_IMAGE="$base" --tag nexus-offline/redis \
  --file "$here/redis.Dockerfile" "$here" >/dev/null
