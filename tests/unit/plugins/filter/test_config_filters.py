"""The filters as a template sees them: values in, text out, a clear refusal otherwise."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.filter.database_url import FilterModule as DatabaseUrl
from ansible_collections.openimage.glance.plugins.filter.oslo_value import FilterModule as OsloValue

database_url = DatabaseUrl().filters()["database_url"]
oslo_value = OsloValue().filters()["oslo_value"]


def test_oslo_value() -> None:
    assert oslo_value(["a", True, 1]) == "a,true,1"
    assert oslo_value([80, 443], bounds=True) == "[80,443]"
    with pytest.raises(AnsibleFilterError, match="a value cannot contain a line end"):
        oslo_value("a\nb")


@pytest.mark.parametrize("port", [3306, "3306"])
def test_database_url(port: int | str) -> None:
    url = database_url("db", user="glance", password="p@ss:/w%rd#'\"$", name="glance", port=port, query={"ssl_ca": ""})
    assert url == "mysql+pymysql://glance:p%40ss%3A%2Fw%25rd%23%27%22%24@db:3306/glance"


def test_database_url_takes_the_port_of_the_driver() -> None:
    assert database_url("db", user="u", name="n", port="") == "mysql+pymysql://u@db/n"


@pytest.mark.parametrize("wrong", [{"port": "many"}, {"name": "a/b"}])
def test_database_url_refuses(wrong: dict[str, str]) -> None:
    with pytest.raises(AnsibleFilterError, match=r"openimage\.glance\.database_url: "):
        database_url("db", **{"user": "u", "name": "n", **wrong})
