/** Endings that some tool reads: in their usual form, in another case, and some that only look alike. */
export const FILE_ENDINGS: readonly string[] = [
  ...words('py PY Py pyw PYW pyi pyx pxd pxi wsgi py.in ipynb'),
  ...words(
    'c C h H cc CC cpp CPP Cpp c++ cxx CXX hh HH hpp HPP hxx h++ inl ipp ixx tpp txx tcc cu cuh cl m mm ino ec pgc pc',
  ),
  ...words(
    'js JS jsx mjs cjs ts TS tsx mts cts vue svelte java JAVA kt go GO rb php sh bash rs swift scala cs lua',
  ),
  ...words(
    'tf TF tofu tf.json tofu.json tfvars hcl bicep yaml YAML yml YML json JSON json5 toml xml html svg template tpl j2 cfg conf',
  ),
  ...words(
    'ini env properties pem key txt TXT md rst sql csv log lock doc docx pdf png jpg gif ttf woff bin jar zip bak orig',
  ),
  ...words('Dockerfile dockerfile DOCKERFILE Containerfile containerfile'),
];

/** Whole names that tools know. */
export const WHOLE_NAMES: readonly string[] = [
  ...words(
    'Dockerfile dockerfile DOCKERFILE Containerfile containerfile Dockerfile.prod dockerfile.prod Containerfile.prod',
  ),
  ...words(
    'Dockerfile-dev Dockerfile_dev Dockerfile.PROD docker-compose.yml compose.yaml package-lock.json yarn.lock go.sum',
  ),
  ...words('.env .npmrc .netrc id_rsa Makefile Jenkinsfile Vagrantfile LICENSE'),
];

function words(text: string): string[] {
  return text.split(' ');
}
