/** Slack's Block Kit. `text` is what notifications and screen readers get; `verbatim` makes no links of what looks like one. */
export const SLACK_TEMPLATE = {
  text: '{{name}} ({{profile}}): {{headline}}',
  blocks: [
    { type: 'header', text: { type: 'plain_text', text: '{{name}}: {{verdict | upper}}' } },
    { type: 'section', text: { type: 'mrkdwn', verbatim: true, text: '*{{headline}}*' } },
    {
      type: 'context',
      elements: [
        {
          type: 'mrkdwn',
          verbatim: true,
          text: 'profile {{profile}} · bundle {{bundle}} · commit {{commit}} · critical {{counts.critical}}, high {{counts.high}}, medium {{counts.medium}}, low {{counts.low}}',
        },
      ],
    },
    {
      $if: 'budgetText',
      item: { type: 'section', text: { type: 'mrkdwn', verbatim: true, text: '*Budgets*\n{{budgetText}}' } },
    },
    {
      $if: 'findingText',
      item: {
        type: 'section',
        text: {
          type: 'mrkdwn',
          verbatim: true,
          text: '*{{findings.count}} findings ({{findings.shown}})*\n{{findingText}}',
        },
      },
    },
    {
      $if: 'notRunText',
      item: {
        type: 'section',
        text: { type: 'mrkdwn', verbatim: true, text: '*Did not run*\n{{notRunText}}' },
      },
    },
    {
      $if: 'linkText',
      item: { type: 'section', text: { type: 'mrkdwn', verbatim: true, text: '{{linkText}}' } },
    },
    {
      $if: 'undeliveredText',
      item: {
        type: 'section',
        text: { type: 'mrkdwn', verbatim: true, text: '*Not delivered*\n{{undeliveredText}}' },
      },
    },
  ],
} as const;
