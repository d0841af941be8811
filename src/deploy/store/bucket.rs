//! Object stores: S3 and what speaks like it, Aliyun OSS, Tencent COS, Huawei OBS.
//!
//! Credentials come from the environment alone. They are handed to the client and kept nowhere else; what a server or the
//! client says is searched for them before it is told.

use std::io::Read;
use std::time::Duration;

use opendal::layers::{RetryLayer, TimeoutLayer};
use opendal::options::WriteOptions;
use opendal::{Error, ErrorKind, Operator, services};
use tokio::runtime::{Builder, Runtime};

use super::{Backend, Body, Kind, LOCK, Taken, Trouble};
use crate::base::diag::Diagnostic;
use crate::build::headers::Headers;
use crate::config::{Location, Service, Target};

pub struct Bucket {
    operator: Operator,
    runtime: Runtime,
    /// What must not be told.
    secrets: Vec<String>,
}

/// Sent in parts of this size, where a file is larger.
const PART: usize = 8 << 20;

/// Names of the environment: id, secret, token.
fn names(service: Service) -> [&'static str; 3] {
    match service {
        Service::S3 => ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
        Service::Oss => ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"],
        Service::Cos => ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_SECURITY_TOKEN"],
        Service::Obs => ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"],
    }
}

impl Bucket {
    pub fn open(target: &Target) -> Result<Bucket, Diagnostic> {
        let Location::Bucket { service, bucket, prefix, endpoint, region } = &target.location else {
            return Err(Diagnostic::error("config.target").at(target.place.clone()));
        };
        let names = names(*service);
        let value = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let lacking = |name: &str| Diagnostic::error("deploy.credentials").arg("name", name).arg("target", &target.name);
        let id = value(names[0]).ok_or_else(|| lacking(names[0]))?;
        let secret = value(names[1]).ok_or_else(|| lacking(names[1]))?;
        let token = value(names[2]);
        let secrets: Vec<String> = [Some(secret.clone()), token.clone(), Some(id.clone())].into_iter().flatten().collect();
        let broken = |e: String| Diagnostic::error("deploy.unreachable").arg("path", target.location.display()).arg("problem", e);
        // The client's own defaults are installed once; without them every request fails.
        opendal::install_default();
        let root = format!("/{prefix}");
        let endpoint = endpoint.as_deref().unwrap_or_default();
        let operator = match service {
            Service::S3 => {
                let mut s3 = services::S3::default().bucket(bucket).root(&root).region(region.as_deref().unwrap_or("us-east-1"));
                s3 = s3.access_key_id(&id).secret_access_key(&secret).disable_config_load().disable_ec2_metadata();
                if !endpoint.is_empty() {
                    s3 = s3.endpoint(endpoint);
                }
                if let Some(token) = &token {
                    s3 = s3.session_token(token);
                }
                Operator::new(s3)
            }
            Service::Oss => {
                let mut oss = services::Oss::default().bucket(bucket).root(&root).endpoint(endpoint);
                oss = oss.access_key_id(&id).access_key_secret(&secret);
                if let Some(token) = &token {
                    oss = oss.security_token(token);
                }
                Operator::new(oss)
            }
            Service::Cos => {
                let mut cos = services::Cos::default().bucket(bucket).root(&root).endpoint(endpoint);
                cos = cos.secret_id(&id).secret_key(&secret).disable_config_load();
                if let Some(token) = &token {
                    cos = cos.security_token(token);
                }
                Operator::new(cos)
            }
            Service::Obs => {
                let obs = services::Obs::default().bucket(bucket).root(&root).endpoint(endpoint);
                Operator::new(obs.access_key_id(&id).secret_access_key(&secret))
            }
        };
        let operator = operator.map_err(|e| broken(e.message().to_owned()))?;
        let time = Duration::from_secs(target.timeout);
        let retry = RetryLayer::new().with_jitter().with_min_delay(Duration::from_millis(200)).with_max_times(target.retries);
        let operator = operator
            .layer(TimeoutLayer::new().with_timeout(time).with_io_timeout(time))
            .layer(retry.with_max_delay(Duration::from_secs(20)));
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Ok(Bucket { operator, runtime: runtime.map_err(|e| broken(e.to_string()))?, secrets })
    }

    fn trouble(&self, key: &str, e: Error) -> Trouble {
        let kind = match e.kind() {
            ErrorKind::PermissionDenied => Kind::Denied,
            ErrorKind::NotFound | ErrorKind::ConditionNotMatch | ErrorKind::Conflict => Kind::Object,
            _ => Kind::Unreachable,
        };
        let mut problem = format!("{}: {}", e.kind(), e.message());
        let mut source = std::error::Error::source(&e);
        while let Some(inner) = source {
            let text = inner.to_string();
            if !problem.contains(&text) {
                problem.push_str(": ");
                problem.push_str(&text);
            }
            source = inner.source();
        }
        for secret in &self.secrets {
            problem = problem.replace(secret.as_str(), "…");
        }
        // What a server answers may be a page.
        let mut problem: String = problem.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = problem.char_indices().nth(300) {
            problem.truncate(end);
        }
        Trouble { kind, key: key.to_owned(), problem }
    }

    async fn send(&self, key: &str, body: Body<'_>, options: WriteOptions) -> Result<(), Error> {
        let unread = |e: std::io::Error| Error::new(ErrorKind::Conflict, e.to_string());
        match body {
            Body::Bytes(bytes) => self.operator.write_options(key, bytes.to_vec(), options).await.map(|_| ()),
            Body::File(path) => {
                let mut file = std::fs::File::open(path).map_err(unread)?;
                let size = file.metadata().map_err(unread)?.len();
                if size <= PART as u64 {
                    let mut bytes = Vec::with_capacity(size as usize);
                    file.read_to_end(&mut bytes).map_err(unread)?;
                    return self.operator.write_options(key, bytes, options).await.map(|_| ());
                }
                let options = WriteOptions { chunk: Some(PART), ..options };
                let mut writer = self.operator.writer_options(key, options).await?;
                loop {
                    let mut part = Vec::with_capacity(PART);
                    (&mut file).take(PART as u64).read_to_end(&mut part).map_err(unread)?;
                    if part.is_empty() {
                        return writer.close().await.map(|_| ());
                    }
                    if let Err(e) = writer.write(part).await {
                        _ = writer.abort().await;
                        return Err(e);
                    }
                }
            }
        }
    }
}

impl Backend for Bucket {
    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
        match self.runtime.block_on(self.operator.read(key)) {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.trouble(key, e)),
        }
    }

    fn write(&self, key: &str, body: Body, served: Option<&Headers>) -> Result<(), Trouble> {
        // What is named by its hash never changes; all else of ours may.
        let own = if key.starts_with("objects/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        let of = |name: &str| served.and_then(|h| h.0.get(name).cloned());
        let options = WriteOptions {
            content_type: of("content-type").or_else(|| key.ends_with(".json").then(|| "application/json".to_owned())),
            cache_control: of("cache-control").or_else(|| served.is_none().then(|| own.to_owned())),
            content_encoding: of("content-encoding"),
            ..WriteOptions::default()
        };
        self.runtime.block_on(self.send(key, body, options)).map_err(|e| self.trouble(key, e))
    }

    fn delete(&self, key: &str) -> Result<(), Trouble> {
        match self.runtime.block_on(self.operator.delete(key)) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(self.trouble(key, e)),
            _ => Ok(()),
        }
    }

    fn lock(&self, mine: &[u8], over: Option<&[u8]>) -> Result<Taken, Trouble> {
        let mut left = None;
        if let Some(over) = over {
            match self.read(LOCK)? {
                // It is still the one that may be taken over.
                Some(now) if now == over => {
                    self.delete(LOCK)?;
                    left = Some(now);
                }
                Some(now) => return Ok(Taken::Theirs(now)),
                None => {}
            }
        }
        let options = WriteOptions { if_not_exists: true, ..WriteOptions::default() };
        match self.runtime.block_on(self.operator.write_options(LOCK, mine.to_vec(), options)) {
            // A server that does not know the condition lets two write: the later one has it.
            Ok(_) => match self.read(LOCK)? {
                Some(now) if now == mine => Ok(Taken::Mine(left)),
                now => Ok(Taken::Theirs(now.unwrap_or_default())),
            },
            Err(e) if matches!(e.kind(), ErrorKind::ConditionNotMatch | ErrorKind::AlreadyExists) => match self.read(LOCK)? {
                // A request that was tried again met its own first try.
                Some(now) if now == mine => Ok(Taken::Mine(left)),
                now => Ok(Taken::Theirs(now.unwrap_or_default())),
            },
            Err(e) => Err(self.trouble(LOCK, e)),
        }
    }

    fn locked(&self) -> Result<Option<Vec<u8>>, Trouble> {
        self.read(LOCK)
    }

    fn relock(&self, mine: &[u8]) -> Result<(), Trouble> {
        self.write(LOCK, Body::Bytes(mine), None)
    }

    fn unlock(&self) -> Result<(), Trouble> {
        self.delete(LOCK)
    }
}
