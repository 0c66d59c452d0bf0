import DOMPurify from 'dompurify';

interface Props {
  body: string;
}

export function Comment({ body }: Props) {
  return (
    <section>
      <p>{body}</p>
      <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(body) }} />
      <i dangerouslySetInnerHTML={{ __html: '&middot;' }} />
    </section>
  );
}
