# shellcheck shell=bash
# What a deployment leaves on its host, in lines that are the same however often it was begun.
# Run as root on the host; its secrets and the bytes of its files are not in it.
set -eu

# Files: mode, owner, name. Of a virtual environment, its folders.
{
    find /etc/glance /etc/keystone /etc/systemd/system /etc/mysql /var/lib/glance /srv/glance \
        /usr/sbin/policy-rc.d -printf 'file %M %u:%g %p\n' 2>/dev/null || true
    find /opt/glance -type d -printf 'folder %M %u:%g %p\n' 2>/dev/null || true
    # Where modules put what they run.
    find /tmp /root -mindepth 1 -name 'systemd-private-*' -prune -o -printf 'file %M %u:%g %p\n'
} | grep -Ev '/__pycache__|/\.cache/python-entrypoints/'

# Packages and their states, and which of them were asked for.
dpkg-query -W -f 'package ${db:Status-Abbrev}${Package}\n'
apt-mark showmanual | sed 's/^/asked for: /'

# What still runs besides the services: modules of a run that was killed, package tools.
pgrep --list-full --exact 'python3(\.[0-9]+)?|apt-get|dpkg|uv|pip' | sed 's|^[0-9]*|running|' || true

for unit in mariadb memcached keystone glance-api; do
    printf 'unit %s %s %s\n' "$unit" "$(systemctl is-enabled "$unit")" "$(systemctl is-active "$unit")"
done

sql() { mysql --batch --skip-column-names --execute "$1"; }

sql "SELECT CONCAT('account ', user, '@', host, ' ', plugin) FROM mysql.user"
for database in glance keystone; do
    # Keystone makes its indexes in any order.
    mysqldump --no-data --skip-comments "$database" | sed "s/AUTO_INCREMENT=[0-9]* //; s/,\$//; s/^/schema $database /"
    # Deleted images stay as rows, one for each canary that ever flew.
    for table in $(sql "SHOW TABLES FROM $database WHERE Tables_in_$database NOT RLIKE '^(image|task)'"); do
        printf 'rows %s.%s %s\n' "$database" "$table" "$(sql "SELECT COUNT(*) FROM $database.$table")"
    done
done
sql "SELECT CONCAT('image ', name, ' ', status, ' ', visibility) FROM glance.images WHERE NOT deleted"
sql "SELECT CONCAT('location in ', JSON_VALUE(meta_data, '$.store'), ' of ', name) FROM glance.image_locations l
     JOIN glance.images i ON i.id = l.image_id WHERE NOT l.deleted"
