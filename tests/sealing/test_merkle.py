"""The tree of RFC 6962: known values, every proof leads to the root, and nothing else does."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.journal import merkle

# The test vectors of the reference implementation (Certificate Transparency): eight inputs, roots of the first n.
INPUTS = [bytes.fromhex(h) for h in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def reference(leaves: list[bytes]) -> bytes:
    """The definition of the RFC, word for word: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return merkle.node_hash(reference(leaves[:k]), reference(leaves[k:]))


def test_known_roots() -> None:
    hashed = [merkle.leaf_hash(data) for data in INPUTS]
    assert [merkle.root(hashed[: n + 1]).hex() for n in range(8)] == list(ROOTS)
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


trees = st.lists(st.binary(max_size=4), min_size=1, max_size=70).map(lambda d: [merkle.leaf_hash(x) for x in d])


@given(trees)
def test_the_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    assert merkle.root(leaves) == reference(leaves)


@given(trees, st.data())
def test_every_leaf_is_proven_and_only_at_its_place(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root = merkle.proof(leaves, index), merkle.root(leaves)
    assert merkle.holds(leaves[index], index, len(leaves), path, root)
    assert len(path) <= (len(leaves) - 1).bit_length()
    for other in range(-1, len(leaves) + 1):
        if other != index and not (0 <= other < len(leaves) and leaves[other] == leaves[index]):
            assert not merkle.holds(leaves[index], other, len(leaves), path, root)


@given(trees, st.data())
@settings(max_examples=200)
def test_whatever_is_changed_about_a_proof_it_no_longer_holds(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root = merkle.proof(leaves, index), merkle.root(leaves)
    bit = data.draw(st.integers(0, 255))
    assert not merkle.holds(flipped(leaves[index], bit), index, len(leaves), path, root)
    assert not merkle.holds(leaves[index], index, len(leaves), path, flipped(root, bit))
    assert not merkle.holds(leaves[index], index, len(leaves), [*path, bytes(32)], root)
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert not merkle.holds(leaves[index], index, len(leaves), path[:-1], root)
        bent = [*path[:at], flipped(path[at], bit), *path[at + 1 :]]
        assert not merkle.holds(leaves[index], index, len(leaves), bent, root)


@given(trees, st.data())
def test_another_leaf_order_or_number_is_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    root = merkle.root(leaves)
    shuffled = data.draw(st.permutations(leaves))
    assert (merkle.root(shuffled) == root) is (shuffled == leaves)
    assert merkle.root([*leaves, leaves[-1]]) != root, "a last leaf doubled is no smaller tree"


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_place_outside_the_tree_has_no_proof() -> None:
    for index in (-1, 1):
        with pytest.raises(IndexError):
            merkle.proof([bytes(32)], index)
