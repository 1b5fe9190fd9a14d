//! `field-router`: sets a member of messages by the first predicate that holds (see `../manifest.yaml`, `../README.md`).
#![no_std]

extern crate alloc;

use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::{Existing, Member, Paths, Pick};
use maskgate_predicate::{Predicate, Room};

/// What becomes of a message for which no route is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unrouted {
    Refuse,
    Drop,
    Pass,
}

struct Route {
    when: Predicate,
    /// A JSON string.
    set: Vec<u8>,
}

struct Router {
    pick: Pick,
    member: Member,
    existing: Existing,
    routes: Vec<Route>,
    default: Option<Vec<u8>>,
    otherwise: Unrouted,
    /// Whether a route that can't be asked is left out, and the message not refused.
    goes_on: bool,
    room: Room,
    unrouted: u64,
    not_comparable: u64,
}

impl Module for Router {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["into", "existing", "routes", "default", "else", "on_error"])?;
        let mut paths = Paths::new();
        let into = members.required("into")?;
        let member = Member::new(into.string()?, &mut paths).map_err(|what| into.wrong(what))?;
        let list = members.required("routes")?;
        let mut routes = Vec::new();
        for route in list.items()? {
            let parts = route.members(&["when", "set"])?;
            let when = parts.required("when")?;
            let predicate = Predicate::read(when.string()?, &mut paths).map_err(|what| when.wrong(what))?;
            routes.push(Route { when: predicate, set: text::quoted(parts.required("set")?.string()?) });
        }
        if routes.is_empty() {
            return Err(list.wrong("must have a route"));
        }
        let default = members.optional("default").map(|found| found.string().map(text::quoted)).transpose()?;
        let choice = |name, choices| members.optional(name).map_or(Ok(0), |setting| setting.choice(choices));
        let otherwise =
            [Unrouted::Refuse, Unrouted::Drop, Unrouted::Pass][choice("else", &["refuse", "drop", "pass"])?];
        Ok(Self {
            existing: Existing::choice(choice("existing", &Existing::CHOICES)?),
            goes_on: choice("on_error", &["refuse", "next"])? == 1,
            pick: Pick::new(paths),
            member,
            routes,
            default,
            otherwise,
            room: Room::default(),
            unrouted: 0,
            not_comparable: 0,
        })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let Self { pick, member, existing, routes, default, otherwise, goes_on, room, .. } = self;
        let found = pick.message(message)?;
        if member.stays(*existing, &found, output)? {
            return Ok(Outcome::Pass);
        }
        let mut set = None;
        for route in routes.iter() {
            match route.when.holds(&found, room) {
                Ok(true) => {
                    set = Some(&route.set);
                    break;
                }
                Ok(false) => {}
                Err(_) if *goes_on => self.not_comparable += 1,
                Err(error) => return Err(Refusal::at("not_comparable", error.offset)),
            }
        }
        if let Some(value) = set.or(default.as_ref()) {
            member.write(&found, value, output)?;
            return Ok(Outcome::Pass);
        }
        if *otherwise == Unrouted::Refuse {
            return Err(Refusal::whole("no_route"));
        }
        self.unrouted += 1;
        if *otherwise == Unrouted::Drop {
            return Ok(Outcome::Drop);
        }
        found.pass(output)?;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("unrouted", core::mem::take(&mut self.unrouted));
        report.count("not_comparable", core::mem::take(&mut self.not_comparable));
    }
}

export!(Router);
