"""Which servers may be called. A URL of a platform is foreign: it must not lead into the tool's own network.

A name is resolved once and the connection goes to an address that was checked; resolving it again for the connection
would let a name server answer differently the second time (DNS rebinding).
"""

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from framework.settings import Settings, SettingsError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in IPv6 clothes


class Forbidden(Exception):
    """This tool does not call that address; the text says why."""


class Guard:
    """The rules of one installation.

    production   https only, public addresses, and private ones of LQF_ALLOWED_NETWORKS; never loopback or link-local
    development  http, loopback and private addresses too; never link-local (cloud metadata lives there)
    """

    def __init__(self, settings: Settings) -> None:
        self._is_development = settings.is_development
        self.check = lru_cache(maxsize=1000)(self._check)  # a class of learners has one address; errors are not kept
        self._networks = _networks(settings.allowed_networks)

    def _check(self, url: str) -> None:
        """Raise Forbidden for a URL that no resolving could make right."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise Forbidden("This is not a URL.") from None
        schemes = ("https", "http") if self._is_development else ("https",)
        if parts.scheme not in schemes:
            raise Forbidden(f"The URL must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
        if not host or parts.username is not None or any(letter.isspace() or ord(letter) < 32 for letter in url):
            raise Forbidden("The URL needs a plain host name, without user name, spaces or control characters.")
        try:
            literal = ipaddress.ip_address(host)
        except ValueError:
            return
        if not self.allows(literal):
            raise Forbidden(_refusal(host))

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be called. Raises Forbidden when it has only others, OSError when none."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        all_of_them = dict.fromkeys(str(entry[4][0]) for entry in found)
        allowed = [text for text in all_of_them if self.allows(ipaddress.ip_address(text.partition("%")[0]))]
        if not allowed:
            raise Forbidden(_refusal(host))
        return allowed

    def allows(self, address: Address) -> bool:
        """Whether this address may be called."""
        inner = _inner(address)
        if inner is not None:
            return self.allows(inner)
        if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
            return False
        if address.is_loopback:
            return self._is_development
        if address.is_global:
            return True
        return self._is_development or any(address in network for network in self._networks)


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _networks(text: str) -> list[Network]:
    try:
        return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise SettingsError(
            f"LQF_ALLOWED_NETWORKS: {error}. Write networks such as 10.2.0.0/16, with commas."
        ) from None


def _refusal(host: str) -> str:
    return f"{host} has no address this tool may call. A private network must be named in LQF_ALLOWED_NETWORKS."
