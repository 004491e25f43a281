# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What database refusals are told the operator. The outputs are those of real runs."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._schema import errors

WHERE = {"dialect": "mysql", "host": "db1", "port": 3306, "database": "glance", "user": "glance"}
RAISED = "sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) "
DENIED = "Access denied for user 'glance'@'localhost' (using password: YES)"
REFUSED = "Can't connect to MySQL server on 'h' ([Errno 111] Connection refused)"


@pytest.mark.parametrize(
    ("output", "code", "says"),
    [
        (
            RAISED + f'(1045, "{DENIED}")',
            "1045",
            "wrong password",
        ),
        (
            RAISED + f'(2003, "{REFUSED}")',
            "2003",
            "not answer",
        ),
        (RAISED + "(2002, 'Can\\'t connect to local server')", "2002", "Can't connect to local server"),
        (RAISED + "(1049, \"Unknown database 'glance'\")", "1049", "does not exist"),
        (RAISED + "(1044, \"Access denied for user 'g'@'%' to database 'glance'\")", "1044", "may not use"),
        (RAISED + "(1142, \"CREATE command denied to user 'g'@'h' for table `g`.`t`\")", "1142", "lacks a privilege"),
        (
            RAISED + "(3, 'Error writing file \\'./glance/t.frm\\' (Errcode: 28 \"No space left on device\")')",
            "3",
            "no space",
        ),
        (RAISED + "(1114, \"The table 'images' is full\")", "1114", "no space"),
        ("ModuleNotFoundError: No module named 'pymysql'", "", "driver is not installed"),
        ("Rolling upgrades are currently supported only for MySQL and Sqlite", "", "not supported"),
        ("alembic.util.exc.CommandError: Can't locate revision identified by 'x'", "", "newer release"),
        ("INFO something\n\nno answer within 30 s", "", "does not answer"),
    ],
)
def test_known_refusals(output: str, code: str, says: str) -> None:
    assert errors.find(output).code == code
    message = errors.explain("Asking", f"Traceback:\n{output}\n[SQL: SELECT 1]\n]\n(Background on this error)", WHERE)
    assert says in message
    assert "database 'glance' on db1:3306 as user 'glance'" in message
    assert "To do: " in message


def test_every_known_code_says_what_to_do() -> None:
    for code in errors._MEANING:
        found = errors.find(f'({code}, "x")')
        assert found.cause and found.remedy


def test_the_last_refusal_counts() -> None:
    assert errors.find('(1045, "first") then (2013, "Lost connection")').code == "2013"


def test_unknown_output_is_shown() -> None:
    said = errors.find("INFO begin\nalembic.util.exc.CommandError: Requested revision x overlaps\n]\n").said
    assert said == "alembic.util.exc.CommandError: Requested revision x overlaps"
    assert errors.find("").said == "no output"


def test_table_in_the_way() -> None:
    assert errors.table_in_the_way(RAISED + "(1050, \"Table 'node_reference' already exists\")") == "node_reference"
    assert errors.table_in_the_way(RAISED + "(1050, \"Table 'glance.tasks' already exists\")") == "tasks"
    assert errors.table_in_the_way(RAISED + "(1060, \"Duplicate column name 'x'\")") == ""


def test_instructions_for_a_database_in_use() -> None:
    output = RAISED + "(1060, \"Duplicate column name 'image_id'\")"
    message = errors.explain_left_behind("Running", output, WHERE, ["ussuri_contract01"], ["images"])
    for part in ("Duplicate column name 'image_id'", "ussuri_contract01", "images", "restore the backup"):
        assert part in message


def test_sqlite_is_a_file() -> None:
    assert errors.place({**WHERE, "dialect": "sqlite", "database": "/g.db"}) == "SQLite file /g.db"
