#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: proof_table
short_description: Print what was proven of the image service as a table
version_added: "0.1.0"
description:
  - Prints the endpoints, the proof of each store through each node, and the seeded images as a table, whatever
    callback plugins are enabled.
  - A store is printed in green when it is proven and in red when it is not, by the rules of ansible-core, which uses
    colours on a terminal only and honours E(NO_COLOR), E(ANSIBLE_NOCOLOR) and E(ANSIBLE_FORCE_COLOR). A log file
    gets the table without colours.
  - Runs on the controller and connects to no host.
author: [The openimage.glance contributors (@openimage)]
extends_documentation_fragment: openimage.glance.attributes
attributes:
  check_mode:
    support: full
    details: The table is printed and O(report) is written in check mode, too. Neither is a change.
  diff_mode:
    support: N/A
  idempotent:
    support: full
  platform:
    support: full
    platforms: all
options:
  proof:
    description:
      - The statistic C(glance_proof) of the roles P(openimage.glance.verify#role) and P(openimage.glance.images#role),
        or a part of it.
      - What it lacks is left out of the table.
    type: dict
    default: {}
  note:
    description: A sentence that is printed below the table, such as why there is none.
    type: str
    default: ""
  show:
    description:
      - Whether to print anything. V(false) is for stdout callbacks whose output a program reads, such as
        C(ansible.posix.json).
    type: bool
    default: true
  report:
    description:
      - A file on the controller that O(proof) is written to as JSON, readable by its owner only. Relative to the
        directory in which the command was started.
      - A proof with C(stores) replaces the file. One without C(stores) replaces in it what it has itself.
      - Without O(proof) nothing is written.
    type: path
"""

EXAMPLES = r"""
- name: Print what was proven
  openimage.glance.proof_table:
    proof:
      release: "2025.1"
      method: package
      endpoints: {public: "http://192.0.2.11:9292"}
      nodes: {api1: "http://192.0.2.11:9292"}
      stores: "{{ plan.expected | openimage.glance.proof(infos={'api1': info}, canaries=canary.results) }}"
    report: ~/glance-proof.json
"""

RETURN = r""" # """
