#!/bin/sh
# Installs Slurm and FUSE for the tests of clusters, where that can be; those tests are skipped without them.
missing=""
for program in slurmctld slurmd sbatch munged fusermount3; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        slurmctld slurmd slurm-client munge fuse3 >/dev/null && exit 0
fi
echo "Not here, and could not be installed:$missing: the tests that need it are skipped." >&2
