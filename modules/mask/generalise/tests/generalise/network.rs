//! Networks of addresses, beside the standard library's own addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use maskgate_generalise::Network;

use crate::random::Random;
use crate::{NONSENSE, number, string, written};

fn network(v4: u8, v6: u8, value: &str) -> Option<String> {
    let network = Network::new(v4, v6).expect("a network");
    written(string(value), |value, out| network.write(value, out))
}

#[test]
fn networks() {
    for (v4, v6, address, expected) in [
        (24, 48, "203.0.113.77", "203.0.113.0/24"),
        (20, 48, "203.0.255.255", "203.0.240.0/20"),
        (0, 0, "203.0.113.77", "0.0.0.0/0"),
        (0, 0, "2001:db8::1", "::/0"),
        (32, 128, "203.0.113.77", "203.0.113.77/32"),
        (32, 128, "2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1/128"),
        (32, 128, "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1/128"),
        (32, 128, "2001:0db8:0000:0000:0000:ff00:0042:8329", "2001:db8::ff00:42:8329/128"),
        (24, 48, "2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:1234::/48"),
        (24, 33, "2001:db8:ffff::1", "2001:db8:8000::/33"),
        (24, 48, "::1", "::/48"),
        (24, 48, "fe80::1", "fe80::/48"),
        (24, 64, "1:2:3:4:5:6:1.2.3.4", "1:2:3:4::/64"),
        // IPv4 within IPv6: what stays of it is what stays of IPv4.
        (24, 48, "::ffff:1.2.3.4", "::ffff:1.2.3.0/120"),
        (24, 48, "::FFFF:0102:0304", "::ffff:1.2.3.0/120"),
        (0, 48, "::ffff:1.2.3.4", "::ffff:0.0.0.0/96"),
        (32, 0, "0:0:0:0:0:ffff:1.2.3.4", "::ffff:1.2.3.4/128"),
        (16, 48, "2002:cb00:714d::1", "2002:cb00::/32"),
        (24, 128, "64:ff9b::203.0.113.77", "64:ff9b::cb00:7100/120"),
        (24, 48, "64:ff9b::203.0.113.77", "64:ff9b::/48"),
        (24, 128, "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:4136:e378:8000:63bf:3fff:fd00/120"),
        (24, 128, "::203.0.113.77", "::cb00:7100/120"),
    ] {
        assert_eq!(network(v4, v6, address).as_deref(), Some(expected), "{address}");
    }
}

#[test]
fn what_is_no_address() {
    for value in [
        "203.0.113",
        "203.0.113.77.1",
        "203.0.113.256",
        "203.0.113.077",
        "0xcb.0.113.77",
        "3405803853",
        "203.0.113.77:443",
        "203.0.113.77/32",
        " 203.0.113.77",
        "203.0.113.77\n",
        "203.0.113.",
        "[::1]",
        "[::1]:443",
        "fe80::1%eth0",
        "fe80::1%251",
        "2001:db8::/48",
        "::1::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "12345::",
        "::ffff:1.2.3.04",
        "::ffff:1.2.3",
        "1.2.3.4::",
        "::g",
        "localhost",
        "２０３.0.113.77",
    ]
    .iter()
    .chain(NONSENSE)
    {
        assert_eq!(network(24, 48, value), None, "{value}");
    }
    let network = Network::new(24, 48).expect("a network");
    assert_eq!(written(number("203.0"), |value, out| network.write(value, out)), None);
}

#[test]
fn the_network_contains_the_address_and_nothing_else_of_it() {
    let mut random = Random::new(4);
    for _ in 0..20_000 {
        let (v4, v6) = (random.below(33) as u8, random.below(129) as u8);
        let address = match random.below(4) {
            0 => IpAddr::V4(Ipv4Addr::from_bits(random.next() as u32)),
            // Groups of zero are likely, so that there are runs of them.
            1 => IpAddr::V6(Ipv6Addr::from([(); 8].map(|()| (random.next() * (random.next() & 1)) as u16))),
            2 => IpAddr::V6(Ipv4Addr::from_bits(random.next() as u32).to_ipv6_mapped()),
            _ => IpAddr::V6(Ipv6Addr::from_bits(u128::from(random.next()) << 64 | u128::from(random.next()))),
        };
        let written = network(v4, v6, &address.to_string()).expect("an address");
        let (base, length) = written.split_once('/').expect("a length");
        let (base, length): (IpAddr, u32) = (base.parse().expect("an address"), length.parse().expect("a number"));
        assert_eq!(written, format!("{base}/{length}"), "the standard library's form is RFC 5952's");
        let kept = |bits: u128, width: u32| bits.checked_shr(width - length).unwrap_or(0);
        match (base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                assert_eq!(length, v4.into());
                let [base, address] = [base, address].map(|address| u128::from(address.to_bits()));
                assert_eq!(kept(base, 32), kept(address, 32));
                assert_eq!(base, kept(base, 32).checked_shl(32 - length).unwrap_or(0));
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let mapped = address.to_ipv4_mapped().is_some();
                assert!(length == if mapped { 96 + u32::from(v4) } else { v6.into() } || length < v6.into());
                let [base, address] = [base, address].map(Ipv6Addr::to_bits);
                assert_eq!(kept(base, 128), kept(address, 128));
                assert_eq!(base, kept(base, 128).checked_shl(128 - length).unwrap_or(0));
            }
            _ => panic!("{address} became {base}"),
        }
    }
}

#[test]
fn what_is_refused() {
    assert_eq!(Network::new(33, 48).err().map(|invalid| invalid.key), Some("v4"));
    assert_eq!(Network::new(24, 129).err().map(|invalid| invalid.key), Some("v6"));
}
