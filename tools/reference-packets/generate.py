#!/usr/bin/env python3
"""Writes the reference packets of Tests/WireTests/Fixtures, with scapy (pip install scapy), and
the fuzz targets' first inputs out of them.

Run it after a change of this folder; the output is the same on every machine.
"""

import pathlib

import icmp
import ipv4
import ipv6
import overlay
import seeds

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests/WireTests/Fixtures"

if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    everything = []
    for module in (ipv4, ipv6, icmp, overlay):
        blocks = module.packets()
        everything += blocks
        text = "# Made by tools/reference-packets/generate.py; don't edit.\n\n" + "\n".join(blocks)
        (FIXTURES / f"{module.__name__}.txt").write_text(text)
    seeds.write(everything, ROOT / "tools/fuzz/corpus")
    print(f"{len(everything)} reference packets")
