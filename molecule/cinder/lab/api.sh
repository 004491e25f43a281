#!/bin/sh
# Cinder's API and scheduler on this host, with MariaDB and RabbitMQ. Says what it makes. The configuration is there already.
# In the environment: DATABASE_PASSWORD, MESSAGES_PASSWORD, and OS_* of an administrator.
set -eu
if ! rabbitmqctl --quiet list_users | grep -q '^cinder\b'; then
    echo "messages"
    rabbitmqctl --quiet add_user cinder "$MESSAGES_PASSWORD"
    rabbitmqctl --quiet set_permissions cinder '.*' '.*' '.*'
fi
if [ "$(mariadb --batch --skip-column-names --execute "SHOW DATABASES LIKE 'cinder'")" = "" ]; then
    echo "database"
    mariadb --execute "CREATE DATABASE cinder; GRANT ALL ON cinder.* TO 'cinder'@'%' IDENTIFIED BY '$DATABASE_PASSWORD'"
    su -s /bin/sh -c 'cinder-manage db sync' cinder
fi
# The package's eight processes, which load all that Cinder is one by one, are for other hosts than this.
sed -i 's/^processes = .*/processes = 1/' /etc/cinder/cinder-api-uwsgi.ini
systemctl restart cinder-api cinder-scheduler

# A busy machine takes minutes until the API answers. One that has died is not waited for.
tries=0
until types=$(cinder type-list 2>&1); do
    tries=$((tries + 1))
    if [ "$tries" -ge 300 ] || ! systemctl is-active --quiet cinder-api; then echo "$types"; exit 1; fi
    sleep 1
done
for name in iscsi nvme; do
    case $types in *" lvm-$name "*) continue ;; esac
    echo "volume type lvm-$name"
    cinder type-create "lvm-$name"
    cinder type-key "lvm-$name" set "volume_backend_name=$name"
done
