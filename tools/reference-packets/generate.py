#!/usr/bin/env python3
"""Writes the reference packets of Tests/WireTests/Fixtures, with scapy (pip install scapy).

Run it after a change of this folder; the output is the same on every machine.
"""

import pathlib

import icmp
import ipv4
import ipv6
import overlay

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests/WireTests/Fixtures"

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    total = 0
    for module in (ipv4, ipv6, icmp, overlay):
        blocks = module.packets()
        total += len(blocks)
        text = "# Made by tools/reference-packets/generate.py; don't edit.\n\n" + "\n".join(blocks)
        (FOLDER / f"{module.__name__}.txt").write_text(text)
    print(f"{total} reference packets")
