//! Signatures of manifests, in the format of minisign (Ed25519): what is served can be held against them, whoever has had
//! the server.

use std::path::{Path, PathBuf};

use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox, SignatureBox};

use crate::base::diag::{Diagnostic, Place};
use crate::config::Deploy;

/// The environment: the key itself, the file that it is in, its password.
pub const KEY: &str = "BANYAN_SIGN_KEY";
pub const KEY_FILE: &str = "BANYAN_SIGN_KEY_FILE";
pub const PASSWORD: &str = "BANYAN_SIGN_PASSWORD";

pub struct Signer {
    key: SecretKey,
    public: PublicKey,
}

impl Signer {
    /// The key that the environment or the configuration names; `None`: none. `published`: folders that are published or
    /// copied about, where it must not lie.
    pub fn find(deploy: &Deploy, published: &[PathBuf]) -> Result<Option<Signer>, Diagnostic> {
        let value = |name: &str| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
        let (text, shown) = if let Some(text) = value(KEY) {
            (text, KEY.to_owned())
        } else {
            let named = value(KEY_FILE).map(|f| (PathBuf::from(f), None));
            let Some((path, place)) = named.or_else(|| Some((deploy.key.clone()?, deploy.key_place.clone()))) else { return Ok(None) };
            let said = |d: Diagnostic| match &place {
                Some(place) => d.at(place.clone()),
                None => d,
            };
            refuse(&path, published).map_err(said)?;
            let bad = |e: std::io::Error| said(Diagnostic::error("deploy.key").arg("path", path.display()).arg("problem", e));
            (std::fs::read_to_string(&path).map_err(bad)?, path.display().to_string())
        };
        let bad = |e: &dyn std::fmt::Display| Diagnostic::error("deploy.key").arg("path", &shown).arg("problem", e);
        // Two lines; a comment may have been lost on the way through an environment.
        let text = if text.trim().lines().count() == 1 { format!("untrusted comment:\n{}\n", text.trim()) } else { text };
        let open = |text: &str| SecretKeyBox::from_string(text).map_err(|e| bad(&e));
        let key = match open(&text)?.into_unencrypted_secret_key() {
            Ok(key) => key,
            Err(e) => match value(PASSWORD) {
                Some(password) => open(&text)?.into_secret_key(Some(password)).map_err(|e| bad(&e))?,
                None => return Err(bad(&format!("{e} ({PASSWORD})"))),
            },
        };
        let public = PublicKey::from_secret_key(&key).map_err(|e| bad(&e))?;
        if !deploy.public_keys.is_empty() && !deploy.public_keys.contains(&public.to_base64()) {
            return Err(Diagnostic::error("deploy.key-unknown").arg("path", shown).arg("value", public.to_base64()));
        }
        Ok(Some(Signer { key, public }))
    }

    /// Tells one key from another.
    pub fn id(&self) -> String {
        data_encoding::HEXLOWER.encode(self.public.keynum())
    }

    /// The signature of a manifest's root, with the site in it.
    pub fn sign(&self, site: &str, root: &[u8]) -> Result<Vec<u8>, String> {
        let comment = format!("site:{site}");
        let signed = minisign::sign(Some(&self.public), &self.key, root, Some(&comment), Some("manifest of a site built by banyan"));
        signed.map(|s| s.to_bytes()).map_err(|e| e.to_string())
    }
}

/// A key that lies where files are published or copied from is no secret.
fn refuse(path: &Path, published: &[PathBuf]) -> Result<(), Diagnostic> {
    let real = |p: &Path| std::fs::canonicalize(p).or_else(|_| std::path::absolute(p)).unwrap_or_else(|_| p.to_owned());
    let place = real(path);
    match published.iter().find(|folder| place.starts_with(real(folder))) {
        Some(folder) => Err(Diagnostic::error("deploy.key-place").arg("path", path.display()).arg("folder", folder.display())),
        None => Ok(()),
    }
}

/// Whether one of `keys` signed `root` as the manifest of `site`. `Err` says in a word what is wrong.
pub fn check(keys: &[String], site: &str, root: &[u8], signature: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(signature).map_err(|e| e.to_string())?;
    let signed = SignatureBox::from_string(text).map_err(|e| e.to_string())?;
    let mut problem = "no public key is configured".to_owned();
    for key in keys {
        let public = PublicKey::from_base64(key).map_err(|e| e.to_string())?;
        match minisign::verify(&public, &signed, std::io::Cursor::new(root), true, false, false) {
            Ok(()) => {
                let comment = signed.trusted_comment().map_err(|e| e.to_string())?;
                return if comment == format!("site:{site}") { Ok(()) } else { Err(format!("it is of {comment}")) };
            }
            Err(e) => problem = e.to_string(),
        }
    }
    Err(problem)
}

/// A new pair: text of the secret key's file, and the public key.
pub fn new_pair(password: Option<String>) -> Result<(String, String), String> {
    let pair = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password)),
        None => KeyPair::generate_unencrypted_keypair(),
    };
    let pair = pair.map_err(|e| e.to_string())?;
    let secret = pair.sk.to_box(Some("key that signs the manifests of a platform: keep it secret")).map_err(|e| e.to_string())?;
    Ok((secret.into_string(), pair.pk.to_base64()))
}

/// A place for a key is looked at before it is made.
pub fn may_lie_at(path: &Path, published: &[PathBuf]) -> Result<(), Diagnostic> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    refuse(&real.join(path.file_name().unwrap_or_default()), published).map_err(|mut d| {
        d.place = None::<Place>;
        d
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_one_site_one_key_and_these_bytes() {
        let (secret, public) = new_pair(None).unwrap();
        let key = SecretKeyBox::from_string(&secret).unwrap().into_unencrypted_secret_key().unwrap();
        let signer = Signer { public: PublicKey::from_secret_key(&key).unwrap(), key };
        let signed = signer.sign("a", b"root").unwrap();
        let keys = [new_pair(None).unwrap().1, public];
        assert_eq!(check(&keys, "a", b"root", &signed), Ok(()));
        assert!(check(&keys, "b", b"root", &signed).is_err(), "of another site");
        assert!(check(&keys, "a", b"roof", &signed).is_err(), "of other bytes");
        assert!(check(&keys[..1], "a", b"root", &signed).is_err(), "by another key");
        assert!(check(&[], "a", b"root", &signed).is_err());
    }
}
