//! The entities that are known by name.

macro_rules! entities {
    ($($(#[$comment:meta])* $entity:ident $name:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Entity {
            $($(#[$comment])* $entity,)*
        }

        impl Entity {
            /// All of them.
            pub const ALL: &'static [Entity] = &[$(Entity::$entity),*];

            /// As a configuration names it.
            pub const fn name(self) -> &'static str {
                match self { $(Entity::$entity => $name),* }
            }
        }
    };
}

entities! {
    /// Addresses of mail (RFC 5321, RFC 6531).
    Email "email",
    /// Telephone numbers: international ones, and as they are written within many countries.
    Telephone "telephone",
    /// Numbers of payment cards (ISO/IEC 7812).
    Card "card",
    /// International bank account numbers (ISO 13616).
    Iban "iban",
    /// Social security numbers of the United States.
    UsSsn "us_ssn",
    /// National insurance numbers of the United Kingdom.
    GbNino "gb_nino",
    /// Numbers of the National Health Service of England, Wales and the Isle of Man.
    GbNhs "gb_nhs",
    /// Tax identification numbers of Germany (Steuerliche Identifikationsnummer).
    DeTaxId "de_tax_id",
    /// Pension insurance numbers of Germany (Rentenversicherungsnummer).
    DeSocial "de_social",
    /// Registration numbers of France (numéro d'inscription au répertoire, "sécurité sociale").
    FrNir "fr_nir",
    /// Tax identification numbers of France (numéro fiscal de référence, SPI).
    FrTax "fr_tax",
    Ipv4 "ipv4",
    Ipv6 "ipv6",
    /// Addresses of network interfaces (IEEE 802, EUI-48 and EUI-64).
    Mac "mac",
    /// What is confidential in a URL: the user information, and parameters that hold a credential.
    Url "url",
    /// Keys, tokens and passwords.
    Secret "secret",
    /// Dates of birth: dates that a word nearby says are that.
    DateOfBirth "date_of_birth",
}

impl Entity {
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|entity| entity.name() == name)
    }
}
