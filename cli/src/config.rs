//! `stateward.yaml`, the project file: strictly read, every key but one with a default.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use stateward::diagnostic::yaml;
use stateward::engine::DenialOptions;
use stateward::name::Name;
use stateward::source::SourceMap;
use stateward::time::parse_duration;

use crate::error::{CliError, Findings};

/// The file's name; the directory that holds it is the project.
pub const FILE: &str = "stateward.yaml";

/// The directory of everything that is not definition: store, key, messages.
pub const STATE: &str = ".stateward";

/// A project: which lifecycle it runs, where its accounts are kept, how messages go out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "stateward.yaml", inline)]
pub struct Config {
    /// The lifecycle: the name of a folder in `workflows/`.
    #[schemars(with = "String")]
    pub lifecycle: Name,
    /// The edition of the lifecycle, where it is not that of the folder itself: the name of a
    /// folder in `workflows/<lifecycle>/editions/`.
    pub edition: Option<String>,
    /// The file that holds the accounts.
    #[serde(default = "default_store")]
    pub store: PathBuf,
    /// The file that holds the keys of one-time codes: 64 hexadecimal digits a line, the current
    /// key first. Readable by its owner alone.
    #[serde(default = "default_key")]
    pub key: PathBuf,
    /// How messages go out. Without one, a development store prints them and another keeps them.
    pub courier: Option<Courier>,
    /// How messages of one channel go out, where it is not `courier`.
    #[serde(default)]
    pub couriers: Couriers,
    /// Who asks, where `--as` does not say: a principal of `policies/principals.yaml`.
    pub principal: Option<String>,
    /// How many denials are kept.
    #[serde(default)]
    pub denials: Denials,
    /// How long an answer is kept under the key that `--key` gave it, at least 1m; otherwise 24h. A
    /// request that is repeated later is a new one. `stateward tick` removes what is older.
    pub keep_answers: Option<KeepAnswers>,
}

fn default_store() -> PathBuf {
    PathBuf::from(STATE).join("store.redb")
}

fn default_key() -> PathBuf {
    PathBuf::from(STATE).join("key")
}

/// How many denials are kept, so that nobody can fill the disk by asking.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Denials {
    /// The newest so many of each account, and of requests about accounts that do not exist; 0 keeps
    /// none.
    pub kept: u32,
    /// At most so many a minute of one principal about one account; those beyond are counted.
    pub per_minute: u32,
}

impl Default for Denials {
    fn default() -> Self {
        let DenialOptions { kept, per_minute } = DenialOptions::default();
        Self { kept, per_minute }
    }
}

impl From<Denials> for DenialOptions {
    fn from(denials: Denials) -> Self {
        let Denials { kept, per_minute } = denials;
        Self { kept, per_minute }
    }
}

/// How long an answer is kept under its idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepAnswers(pub Duration);

impl KeepAnswers {
    /// Whoever repeats a request because no answer came does so within this time.
    const SHORTEST: Duration = Duration::from_secs(60);
    /// How it is written, for error messages.
    const FORM: &str = "a length of time of at least 1m, such as 30m, 24h or 14d";
}

impl<'de> Deserialize<'de> for KeepAnswers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        let length = parse_duration(&text).ok();
        let long_enough = length.filter(|length| *length >= Self::SHORTEST);
        let refuse = || de::Error::invalid_value(de::Unexpected::Str(&text), &Self::FORM);
        long_enough.map(Self).ok_or_else(refuse)
    }
}

impl JsonSchema for KeepAnswers {
    fn schema_name() -> Cow<'static, str> {
        "KeepAnswers".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d|w)$" })
    }
}

/// Couriers by channel.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Couriers {
    /// For text messages.
    pub sms: Option<Courier>,
    /// For mail.
    pub email: Option<Courier>,
}

/// One way for messages to go out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(inline)]
pub enum Courier {
    /// Printed to standard error.
    Console {},
    /// Appended to a file, one JSON object a line.
    File {
        /// The file.
        path: PathBuf,
    },
    /// Handed to a mail server.
    Smtp(Smtp),
    /// Posted to a web server as JSON, signed.
    Webhook {
        /// Where to.
        url: String,
        /// The file that holds the secret that signs.
        secret_file: PathBuf,
    },
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Smtp {
    /// The server's name.
    pub host: String,
    /// Its port; by default the usual one of the kind of encryption.
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub encryption: Encryption,
    /// The sender: `Name <mailbox>` or a mailbox.
    pub from: String,
    /// The subject of every mail.
    pub subject: Option<String>,
    /// The domain of a gateway that turns mail to `6591234567@domain` into text messages.
    pub sms_gateway: Option<String>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Encryption {
    /// Encrypted from the first byte, usually on port 465.
    #[default]
    Tls,
    /// Encrypted before anything is said, usually on port 587.
    Starttls,
    /// Not at all: for servers on the same machine.
    None,
}

impl Config {
    /// The name of the definition: the lifecycle, with the edition where one is chosen.
    pub fn definition(&self) -> String {
        match &self.edition {
            Some(edition) => format!("{}@{edition}", self.lifecycle),
            None => self.lifecycle.to_string(),
        }
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// [`CliError::Config`] with every mistake at its place.
    pub fn parse(text: &str) -> Result<Self, CliError> {
        let mut sources = SourceMap::default();
        let file = sources.add(FILE, text);
        let (read, diagnostics) = yaml::read::<Self>(file, text);
        match read {
            Some(read) if diagnostics.is_empty() => Ok(read.value),
            _ => Err(CliError::Config(Box::new(Findings {
                sources,
                diagnostics,
            }))),
        }
    }
}

/// What `init` writes.
pub fn template(lifecycle: &str) -> String {
    format!(
        "# The project file of stateward. `stateward schema project` tells every key.
lifecycle: {lifecycle}

# How codes and notices go out. A development store prints them without being told to.
# courier: {{ kind: file, path: .stateward/messages.jsonl }}
# couriers:
#   email: {{ kind: smtp, host: mail.example.com, from: accounts@example.com,
#            username: accounts, password_file: .stateward/smtp-password }}
#   sms: {{ kind: webhook, url: https://sms.example.com/send, secret_file: .stateward/sms-secret }}

# Who asks, where `--as` does not say.
# principal: ram_user/ops-lin

# How long a request that is repeated under its key gets its first answer again.
# keep_answers: 24h
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lifecycle_has_no_default() {
        let config = Config::parse("lifecycle: newsletter\n").unwrap();
        assert_eq!(config.lifecycle, "newsletter");
        assert_eq!(config.key, PathBuf::from(".stateward/key"));
        assert!(
            Config::parse(&template("newsletter"))
                .unwrap()
                .courier
                .is_none()
        );
    }

    #[test]
    fn a_courier_is_chosen_by_its_kind() {
        let config =
            Config::parse("lifecycle: x\ncourier: { kind: file, path: out.jsonl }\n").unwrap();
        assert_eq!(
            config.courier,
            Some(Courier::File {
                path: "out.jsonl".into()
            })
        );
    }

    #[test]
    fn answers_are_kept_for_a_minute_at_least() {
        let kept = |text| Config::parse(&format!("lifecycle: x\nkeep_answers: {text}\n"));
        let minute = KeepAnswers(Duration::from_secs(60));
        assert_eq!(kept("1m").unwrap().keep_answers, Some(minute));
        for wrong in ["59s", "0d", "24", "1y", "-1h", "9999999w", "[1m]"] {
            assert!(kept(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_mistake_is_found() {
        let text = "lifecycel: newsletter\ncourier: { kind: pigeon }\n";
        let error = Config::parse(text).unwrap_err();
        let (_, findings) = error.findings().unwrap();
        assert_eq!(findings.len(), 2, "{findings:?}");
    }
}
