//! Couriers as the project file asks for them.

use std::path::Path;
use std::sync::Arc;

use stateward::courier::{
    ConsoleCourier, Courier, FileCourier, RoutingCourier, SecretText, SmtpConfig, SmtpCourier,
    SmtpTls, WebhookConfig, WebhookCourier,
};
use stateward::lifecycle::model::Channel;
use stateward::time::Clock;

use super::Project;
use crate::config::{self, Encryption};
use crate::error::CliError;

/// The couriers of a project, by channel, and whether there is any. A message of a channel that has
/// none waits in the store.
///
/// # Errors
/// When one cannot be set up.
pub fn of_project(
    project: &Project,
    development: bool,
    clock: &Arc<dyn Clock>,
) -> Result<(RoutingCourier, bool), CliError> {
    let console = config::Courier::Console {};
    let config = &project.config;
    let usual = config.courier.as_ref().or(development.then_some(&console));
    let mut couriers = RoutingCourier::new();
    let mut any = false;
    for (channel, name, own) in [
        (Channel::Sms, "sms", &config.couriers.sms),
        (Channel::Email, "email", &config.couriers.email),
    ] {
        if let Some(wanted) = own.as_ref().or(usual) {
            let made = make(wanted, project, clock).map_err(|error| match error {
                Refused::Setting(problem) => CliError::Courier {
                    channel: name,
                    problem,
                },
                Refused::Other(error) => error,
            })?;
            couriers = couriers.with(channel, made);
            any = true;
        }
    }
    Ok((couriers, any))
}

/// Why a courier cannot be set up.
enum Refused {
    /// Its settings cannot work.
    Setting(String),
    /// A file that it needs cannot be read.
    Other(CliError),
}

impl From<CliError> for Refused {
    fn from(error: CliError) -> Self {
        Self::Other(error)
    }
}

fn make(
    wanted: &config::Courier,
    project: &Project,
    clock: &Arc<dyn Clock>,
) -> Result<Box<dyn Courier>, Refused> {
    let setting = |error: &dyn std::error::Error| Refused::Setting(error.to_string());
    Ok(match wanted {
        config::Courier::Console {} => Box::new(ConsoleCourier::new(std::io::stderr())),
        config::Courier::File { path } => Box::new(FileCourier::new(project.path(path))),
        config::Courier::Smtp(smtp) => {
            let config = smtp_config(smtp, project)?;
            Box::new(SmtpCourier::new(config, clock.clone()).map_err(|e| setting(&e))?)
        }
        config::Courier::Webhook { url, secret_file } => {
            let config = WebhookConfig::new(url, secret(&project.path(secret_file))?);
            Box::new(WebhookCourier::new(config, clock.clone()).map_err(|e| setting(&e))?)
        }
    })
}

fn smtp_config(smtp: &config::Smtp, project: &Project) -> Result<SmtpConfig, Refused> {
    let mut config = SmtpConfig::new(&smtp.host, &smtp.from);
    (config.tls, config.port) = match smtp.encryption {
        Encryption::Tls => (SmtpTls::Tls, 465),
        Encryption::Starttls => (SmtpTls::StartTls, 587),
        Encryption::None => (SmtpTls::None, 25),
    };
    config.port = smtp.port.unwrap_or(config.port);
    config.sms_gateway.clone_from(&smtp.sms_gateway);
    if let Some(subject) = &smtp.subject {
        config.subject.clone_from(subject);
    }
    config.credentials = match (&smtp.username, &smtp.password_file) {
        (Some(user), Some(file)) => Some((user.clone(), secret(&project.path(file))?)),
        (None, None) => None,
        _ => {
            let problem = "`username` and `password_file` go together".to_owned();
            return Err(Refused::Setting(problem));
        }
    };
    Ok(config)
}

/// A secret from its file, without the line's end.
fn secret(path: &Path) -> Result<SecretText, CliError> {
    let text = std::fs::read_to_string(path).map_err(CliError::file("read", path))?;
    Ok(SecretText::new(text.trim_end_matches(['\r', '\n'])))
}
